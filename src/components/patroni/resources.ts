import { directory } from '../../resources/directory.ts';
import { file } from '../../resources/file.ts';
import type { Resource } from '../../resources/resource.ts';
import { service } from '../../resources/service.ts';
import { renderTemplate } from '../../resources/template.ts';
import { dropIn } from '../../resources/unit-file.ts';
import { ETCD, PATRONI, PKI, POSTGRES } from '../../spec/layout.ts';
import { dataDirectory } from '../../spec/topology.ts';
import type { Target } from '../component.ts';
import { candidateSettings, PATRONI_STATE_DIRECTORY, patroniEtcdSettings, patroniSettings } from './settings.ts';

/** A Patroni that is stopped in order stops PostgreSQL first; one that is killed finds it again. */
const REPLACED = [{ unit: PATRONI.unit, how: 'replace' as const }];
const STARTS_ANEW = 'Patroni starts anew: HAProxy may take the member for away and end its sessions';

/** Bootstrap and seeding start Patroni, because a member may only start once its data is decided on. */
export function patroniResources(target: Target): Resource[] {
  const { unit, configDirectory, configFile, candidateFile, etcdFile } = PATRONI;
  const owner = { owner: POSTGRES.user, group: POSTGRES.user };
  return [
    directory({ path: configDirectory, group: POSTGRES.user, mode: '0750' }),
    directory({ path: PATRONI_STATE_DIRECTORY, ...owner, mode: '0700' }),
    file({
      path: configFile,
      ...owner,
      mode: '0600',
      content: renderTemplate('patroni/patroni.yml', patroniSettings(target)),
      secret: 'values',
      notifies: [{ unit, how: 'reload' }],
    }),
    file({
      path: candidateFile,
      ...owner,
      mode: '0600',
      content: `${JSON.stringify(candidateSettings(target), null, 2)}\n`,
    }),
    file({
      path: etcdFile,
      ...owner,
      mode: '0600',
      content: renderTemplate('patroni/etcd.yml', patroniEtcdSettings(target)),
      notifies: REPLACED,
      interruption: STARTS_ANEW,
    }),
    dropIn({
      unit,
      content: renderTemplate('patroni/patroni.service.conf', {
        configDirectory,
        configFile,
        group: PKI.group,
        hasEtcd: target.host.roles.includes('dcs'),
        etcdUnit: ETCD.unit,
        dataDirectory: dataDirectory(target.spec),
        binDirectory: POSTGRES.binDirectory,
      }),
      notifies: REPLACED,
      interruption: STARTS_ANEW,
    }),
    service({ unit, enabled: true, state: 'unmanaged' }),
  ];
}
