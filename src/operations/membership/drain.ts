import { setReplicaState } from '../../components/haproxy/client.ts';
import { onEveryProcess } from '../../components/pgbouncer/console.ts';
import { waitAtMost } from '../../run/deadline.ts';
import type { Step } from '../../run/step.ts';
import { endpoint } from '../../spec/topology.ts';
import { readRows } from '../../sql/psql.ts';
import { REMOTE_SESSIONS } from '../../sql/session.ts';
import type { ClusterSession } from '../cluster-session.ts';

/**
 * No new session of the replica endpoint goes to this member; those that are there may end. Poolers leave it at the end of
 * the transaction. What is left at the deadline breaks when the member stops.
 */
export function drainStep(session: ClusterSession, member: string, deadlineMs: number): Step {
  const proxies = [...session.fleet.hosts.values()];
  const database = { port: session.spec.postgres.port, name: 'postgres' };
  return {
    id: `drain:${member}`,
    title: `Drain ${member}`,
    host: member,
    deadlineMs: deadlineMs + 60_000,
    run: async (report, signal) => {
      await Promise.all(proxies.map((host) => setReplicaState(host, member, 'maint')));
      await Promise.all(proxies.map((host) => leavePooledSessions(session, host.name)));
      await waitAtMost(
        { what: `the sessions on ${member} to end`, host: member, deadlineMs, pollMs: 500, signal },
        async () => {
          const rows = await readRows(session.host(member), database, REMOTE_SESSIONS);
          const sessions = rows?.[0]?.count ?? 0;
          report(`${sessions} ${sessions === 1 ? 'session' : 'sessions'} left`);
          return sessions === 0 ? true : undefined;
        },
      );
    },
    undo: () => undrain(session, member),
  };
}

/** The member takes sessions of the replica endpoint again, as far as its health allows. */
export async function undrain(session: ClusterSession, member: string): Promise<void> {
  const proxies = [...session.fleet.hosts.values()];
  await Promise.all(proxies.map((host) => setReplicaState(host, member, 'ready')));
}

/** https://www.pgbouncer.org/usage.html#reconnect-db */
async function leavePooledSessions(session: ClusterSession, name: string): Promise<void> {
  const { spec } = session;
  const statements = spec.databases
    .filter((each) => !spec.databases.some((other) => other.name === `${each.name}_ro`))
    .map((each) => `RECONNECT "${each.name}_ro"`);
  await onEveryProcess(session.host(name), endpoint(spec, 'pool').port, statements);
}
