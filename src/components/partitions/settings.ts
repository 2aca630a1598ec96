import type { RotationSettings } from '../../agent/rotation/settings.ts';
import { PARTITIONS } from '../../spec/layout.ts';
import { policiesByDatabase, policyOf } from '../../spec/partitions.ts';
import { patroniAccess, psqlAccess } from '../../spec/services.ts';
import type { Target } from '../component.ts';
import { archiveStore } from './store.ts';

/** What the rotation of this host is told. Pure. */
export function rotationSettings(target: Target): RotationSettings {
  const { spec, host } = target;
  return {
    patroni: patroniAccess(spec, host),
    psql: psqlAccess(spec),
    databases: policiesByDatabase(spec).map(({ database, policies }) => ({
      database,
      policies: policies.map(policyOf),
    })),
    storeFile: archiveStore(target) === undefined ? null : PARTITIONS.storeFile,
    outcomeFile: PARTITIONS.outcomeFile,
  };
}
