import { setTimeout as sleep } from 'node:timers/promises';

import { readMember, reloadMember } from '../components/patroni/client.ts';
import { each } from '../host/fleet.ts';
import { audited } from './audited.ts';
import { chosenHosts } from './chosen-hosts.ts';
import { requiredHosts, type ClusterSession } from './cluster-session.ts';

/** One member after a reload. */
export interface Reloaded {
  readonly host: string;
  /** Parameters that a reload cannot change. */
  readonly pendingRestart: readonly string[];
}

/** What waits for a restart shows a moment after the reload. */
const SETTLE_MS = 2000;

/** Has Patroni and PostgreSQL read their settings again. @throws PgscaleError PGS_MEMBER_UNKNOWN, PGS_HOST_UNREACHABLE, PGS_REMOTE_ANSWER */
export async function reloadMembers(session: ClusterSession, names: readonly string[]): Promise<Reloaded[]> {
  const hosts = chosenHosts(session.spec, { names, role: 'database' });
  await requiredHosts(session, hosts);
  const changes = hosts.map(({ name }) => `reload PostgreSQL on ${name}`);
  return audited(session, { command: 'reload', changes }, async () => {
    await each(hosts, (host) => reloadMember(session.host(host.name), { ...session, host }));
    await sleep(SETTLE_MS);
    return each(hosts, async (host) => {
      const member = await readMember(session.host(host.name), { spec: session.spec, host });
      return { host: host.name, pendingRestart: Object.keys(member?.pending_restart_reason ?? {}) };
    });
  });
}
