import { readProxyStatus } from '../../components/haproxy/client.ts';
import { readCluster } from '../../components/patroni/client.ts';
import type { ClusterAnswer } from '../../components/patroni/answers.ts';
import { readPoolers } from '../../components/pgbouncer/client.ts';
import { PgscaleError } from '../../errors/pgscale-error.ts';
import type { HostSpec } from '../../spec/schema.ts';
import { endpoint, hasProxy, hostsWithRole } from '../../spec/topology.ts';
import { readRows } from '../../sql/psql.ts';
import { switchoverQuery } from '../../sql/switchover.ts';
import { readSlots } from '../cdc/look.ts';
import type { ClusterSession } from '../cluster-session.ts';
import type { PreflightFacts } from './preflight.ts';

/** The members as any Patroni that answers tells of them. @throws PgscaleError PGS_NO_LEADER when none answers */
export async function readMembers(session: ClusterSession): Promise<ClusterAnswer> {
  const { spec, fleet } = session;
  const answers = await Promise.all(
    hostsWithRole(spec, 'database').map(async (host) => {
      const reader = fleet.hosts.get(host.name);
      return reader === undefined ? undefined : readCluster(reader, { spec, host }).catch(() => undefined);
    }),
  );
  const found = answers.find((answer) => answer !== undefined);
  if (found !== undefined) return found;
  throw new PgscaleError('PGS_NO_LEADER', { what: 'no Patroni answers, so nobody knows who leads' });
}

/** The name of the member that leads; undefined when none does. */
export function leaderIn({ members }: ClusterAnswer): string | undefined {
  return members.find(({ role }) => role === 'leader')?.name;
}

/** The same where there has to be one. @throws PgscaleError PGS_NO_LEADER */
export function leaderOf(cluster: ClusterAnswer): string {
  const leader = leaderIn(cluster);
  if (leader !== undefined) return leader;
  throw new PgscaleError('PGS_NO_LEADER', {
    what: 'there is no primary that could be moved',
    why: cluster.members.map(({ name, role, state }) => `${name}: ${role}, ${state}`).join('\n'),
    next: ['pgscale status', 'pgscale failover, when the primary is gone for good'],
  });
}

/** Hosts by which clients come to the primary. */
function routingHosts(session: ClusterSession): HostSpec[] {
  return session.spec.hosts.filter(hasProxy);
}

/** Reads all that the pre-flight judges. Changes nothing. @throws PgscaleError PGS_NO_LEADER */
export async function lookBeforeSwitchover(session: ClusterSession, pauseTimeoutMs: number): Promise<PreflightFacts> {
  const { spec, fleet } = session;
  const cluster = await readMembers(session);
  const primary = leaderOf(cluster);
  const port = endpoint(spec, 'pool').port;
  const connected = routingHosts(session).flatMap((host) => {
    const reader = fleet.hosts.get(host.name);
    return reader === undefined ? [] : [{ host, reader }];
  });
  const [rows, slots, poolers, proxies] = await Promise.all([
    readRows(
      session.host(primary),
      { port: spec.postgres.port, name: 'postgres' },
      switchoverQuery(pauseTimeoutMs / 1000),
    ),
    readSlots(session),
    Promise.all(
      connected
        .filter(({ host }) => host.roles.includes('database'))
        .map(async ({ host, reader }) => ({ host: host.name, processes: await readPoolers(reader, port) })),
    ),
    Promise.all(
      connected.map(async ({ host, reader }) => ({ host: host.name, status: await readProxyStatus(reader) })),
    ),
  ]);
  const [row] = rows ?? [];
  if (row === undefined) throw new PgscaleError('PGS_NO_LEADER', { what: `${primary} leads but takes no connections` });
  const unreachable = routingHosts(session).filter(({ name }) => !fleet.hosts.has(name));
  return {
    synchronous: spec.replication.synchronous,
    cluster,
    primary,
    row,
    pauseTimeoutMs,
    slots,
    poolers,
    proxies,
    unreachable: unreachable.map(({ name }) => name),
  };
}
