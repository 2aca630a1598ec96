import { directory } from '../../resources/directory.ts';
import { file } from '../../resources/file.ts';
import type { Resource } from '../../resources/resource.ts';
import { service } from '../../resources/service.ts';
import { renderTemplate } from '../../resources/template.ts';
import { dropIn } from '../../resources/unit-file.ts';
import { componentDirectory, ETCD, PATRONI, PKI, POSTGRES } from '../../spec/layout.ts';
import type { Target } from '../component.ts';
import { PATRONI_STATE_DIRECTORY, patroniSettings } from './settings.ts';

/** Bootstrap and seeding start Patroni, because a member may only start once its data is decided on. */
export function patroniResources(target: Target): Resource[] {
  const { unit, configFile } = PATRONI;
  const owner = { owner: POSTGRES.user, group: POSTGRES.user };
  return [
    directory({ path: componentDirectory('patroni'), group: POSTGRES.user, mode: '0750' }),
    directory({ path: PATRONI_STATE_DIRECTORY, ...owner, mode: '0700' }),
    file({
      path: configFile,
      ...owner,
      mode: '0600',
      content: renderTemplate('patroni/patroni.yml', patroniSettings(target)),
      secret: true,
      notifies: [{ unit, how: 'reload' }],
    }),
    dropIn({
      unit,
      content: renderTemplate('patroni/patroni.service.conf', {
        configFile,
        group: PKI.group,
        hasEtcd: target.host.roles.includes('dcs'),
        etcdUnit: ETCD.unit,
      }),
      notifies: [{ unit, how: 'restart' }],
    }),
    service({ unit, enabled: true, state: 'unmanaged' }),
  ];
}
