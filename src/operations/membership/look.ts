import { readEtcd } from '../../components/etcd/client.ts';
import { readEtcdMembers } from '../../components/etcd/members.ts';
import { PgscaleError, throwAll } from '../../errors/pgscale-error.ts';
import { waitAtMost } from '../../run/deadline.ts';
import { leaseSeconds } from '../../spec/lease.ts';
import { hostsWithRole } from '../../spec/topology.ts';
import { readRows } from '../../sql/psql.ts';
import { REPLICATION } from '../../sql/replication.ts';
import type { ClusterSession } from '../cluster-session.ts';
import { leaderOf, readMembers } from '../switchover/look.ts';
import type { MembershipFacts } from './refuse.ts';

/** Reads what decides about members that go. Changes nothing. @throws PgscaleError PGS_NO_LEADER, PGS_QUORUM */
export async function lookAtMembership(session: ClusterSession): Promise<MembershipFacts> {
  const { spec, fleet } = session;
  const cluster = await readMembers(session);
  const primary = leaderOf(cluster);
  const [rows, etcd] = await Promise.all([
    readRows(session.host(primary), { port: spec.postgres.port, name: 'postgres' }, REPLICATION),
    readQuorum(session),
  ]);
  return {
    spec,
    primary,
    streaming: (rows ?? []).filter(({ state }) => state === 'streaming'),
    etcd,
    unreachable: spec.hosts.filter(({ name }) => !fleet.hosts.has(name)).map(({ name }) => name),
    known: cluster.members.map(({ name }) => name),
    isPaused: cluster.pause,
  };
}

async function readQuorum(session: ClusterSession): Promise<MembershipFacts['etcd']> {
  const { spec, fleet } = session;
  const answers = await Promise.all(
    hostsWithRole(spec, 'dcs').map(async (host) => {
      const reader = fleet.hosts.get(host.name);
      if (reader === undefined) return { name: host.name, members: undefined, problem: 'not reachable' };
      const [members, { problem }] = await Promise.all([
        readEtcdMembers(reader, spec, host),
        readEtcd(reader, spec, host),
      ]);
      return { name: host.name, members, problem };
    }),
  );
  const members = answers.find((answer) => answer.members !== undefined)?.members;
  if (members === undefined)
    throw new PgscaleError('PGS_QUORUM', { what: 'etcd has no majority, so nothing can change' });
  return { members, healthy: answers.filter(({ problem }) => problem === undefined).map(({ name }) => name) };
}

/** A host that was just lost is known to Patroni until its lease is over. */
export async function waitForLostMembers(session: ClusterSession, names: readonly string[]): Promise<void> {
  const lost = names.filter((name) => !session.fleet.hosts.has(name));
  const wait = { what: 'the lease of lost hosts to end', deadlineMs: (leaseSeconds(session.spec) + 10) * 1000 };
  if (lost.length === 0) return;
  // Who is there still is at work: refused later, with a reason.
  await waitAtMost({ ...wait, pollMs: 1000 }, async () => {
    const { members } = await readMembers(session);
    return members.some(({ name }) => lost.includes(name)) ? undefined : true;
  });
}

/** Goes on without the hosts that are about to go, and without no other. @throws PgscaleErrors */
export function requireOthers(session: ClusterSession, leaving: readonly string[]): void {
  throwAll(session.fleet.failures.filter(({ host }) => host === undefined || !leaving.includes(host)));
}
