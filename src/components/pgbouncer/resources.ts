import { directory } from '../../resources/directory.ts';
import { file } from '../../resources/file.ts';
import type { Notification, Resource } from '../../resources/resource.ts';
import { service } from '../../resources/service.ts';
import { renderTemplate } from '../../resources/template.ts';
import { unitFile } from '../../resources/unit-file.ts';
import { PGBOUNCER, PKI, POSTGRES } from '../../spec/layout.ts';
import { POOLER_LOOKUP_CALL } from '../../sql/pooler-lookup.ts';
import type { Target } from '../component.ts';
import { AUTH_DATABASE, poolerSettings, userlist } from './settings.ts';
import { noSurplusProcesses, processFile } from './surplus.ts';
import { valveSettings } from './valve.ts';

const DISCONNECTION = 'clients of the pool are disconnected once, after their transaction';
const owned = { owner: 'root', group: POSTGRES.user, mode: '0640' } as const;

/**
 * Settings that PgBouncer takes over on RELOAD are in the shared file; those that need a restart (addresses, sockets)
 * are in each process's own file, so that a change of pool sizes never disconnects anyone.
 */
export function pgbouncerResources(target: Target): Resource[] {
  const settings = poolerSettings(target);
  const every = (how: Notification['how']): Notification[] =>
    settings.processes.map(({ id }) => ({ unit: PGBOUNCER.unit(id), how }));
  return [
    // The package starts a pooler of its own on the same port.
    service({ unit: 'pgbouncer.service', enabled: false, state: 'stopped' }),
    directory({ path: PGBOUNCER.configDirectory, owner: 'root', group: POSTGRES.user, mode: '0750' }),
    file({
      path: settings.userlist,
      content: userlist(target),
      owner: POSTGRES.user,
      group: POSTGRES.user,
      mode: '0600',
      secret: 'whole',
      notifies: every('reload'),
    }),
    file({
      ...owned,
      path: `${PGBOUNCER.configDirectory}/pgbouncer.ini`,
      content: renderTemplate('pgbouncer/pgbouncer.ini', {
        ...settings,
        authQuery: POOLER_LOOKUP_CALL,
        authDatabase: AUTH_DATABASE,
      }),
      notifies: every('reload'),
    }),
    file({ path: PGBOUNCER.valveFile, content: `${JSON.stringify(valveSettings(target), null, 2)}\n` }),
    ...settings.processes.map(({ id, socketDirectory }) =>
      disconnecting(
        file({
          ...owned,
          path: processFile(id),
          content: renderTemplate('pgbouncer/process.ini', {
            ...settings,
            id,
            socketDirectory,
            shared: `${PGBOUNCER.configDirectory}/pgbouncer.ini`,
          }),
          notifies: [{ unit: PGBOUNCER.unit(id), how: 'restart' }],
        }),
      ),
    ),
    disconnecting(
      unitFile({
        unit: 'pgscale-pgbouncer@.service',
        content: renderTemplate('pgbouncer/pgscale-pgbouncer@.service', {
          user: POSTGRES.user,
          pkiGroup: PKI.group,
          configFile: `${PGBOUNCER.configDirectory}/process-%i.ini`,
          openFiles: settings.openFiles,
        }),
        notifies: every('restart'),
      }),
    ),
    ...settings.processes.map(({ id }) => service({ unit: PGBOUNCER.unit(id), enabled: true, state: 'started' })),
    noSurplusProcesses(settings.processes.length),
  ];
}

/** A change of it restarts poolers that run. */
function disconnecting(inner: Resource): Resource {
  return {
    ...inner,
    diff: (actual) => {
      const change = inner.diff(actual);
      return change?.action === 'update' ? { ...change, interruption: DISCONNECTION } : change;
    },
  };
}
