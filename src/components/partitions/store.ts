import type { StoreSettings } from '../../agent/store/settings.ts';
import { PGBACKREST } from '../../spec/layout.ts';
import type { Target } from '../component.ts';

const HTTPS = 443;

/**
 * Where archived partitions go: a folder of its own beside the backups. Undefined where the repository is of a kind that
 * only pgBackRest speaks. Holds the keys of the store. Pure.
 */
export function archiveStore({ spec, secrets }: Pick<Target, 'spec' | 'secrets'>): StoreSettings | undefined {
  const repository = spec.backup?.repository;
  if (repository?.type === 'posix') return { type: 'posix', folder: `${repository.path}/partitions/${spec.cluster}` };
  if (repository?.type !== 's3') return undefined;
  const { endpoint, port = HTTPS, bucket, region, uriStyle, verifyTls, path } = repository;
  const { accessKey = '', secretKey = '' } = secrets.repository;
  return {
    ...{ type: 's3', endpoint, port, bucket, region, uriStyle, accessKey, secretKey, verifyTls },
    ...(spec.repositoryCa === undefined ? {} : { caFile: PGBACKREST.caFile }),
    folder: `${path}/partitions/${spec.cluster}`,
  };
}
