import { memberOf, type EtcdMember } from '../../components/etcd/members.ts';
import { PgscaleError } from '../../errors/pgscale-error.ts';
import { majority } from '../../run/lock.ts';
import type { HostSpec, Spec } from '../../spec/schema.ts';
import { hostsWithRole } from '../../spec/topology.ts';

/** All that decides whether members may go, or be seeded anew. */
export interface MembershipFacts {
  readonly spec: Spec;
  readonly primary: string;
  /** Standbys that stream, as the primary sees them. */
  readonly streaming: readonly { readonly name: string; readonly syncState: string }[];
  readonly etcd: {
    readonly members: readonly EtcdMember[];
    /** Hosts whose etcd answers a linearizable read. */
    readonly healthy: readonly string[];
  };
  /** Hosts without an SSH connection. */
  readonly unreachable: readonly string[];
  /** Members that Patroni has in etcd: a lost one is forgotten when its lease is over. */
  readonly known: readonly string[];
  /** Patroni starts no PostgreSQL and drops no slot then. https://patroni.readthedocs.io/en/latest/pause.html */
  readonly isPaused: boolean;
}

/** Why these hosts may not be removed now; empty when they may. Pure. */
export function removalProblems(facts: MembershipFacts, names: readonly string[], after: Spec): string[] {
  const { spec, primary } = facts;
  const wanted = spec.replication.synchronous;
  const standbys = hostsWithRole(after, 'database').length - 1;
  return [
    ...pauseProblems(facts),
    ...(names.includes(primary) ? [`${primary} is the primary; move it first: pgscale switchover`] : []),
    ...(standbys < wanted
      ? [`${Math.max(standbys, 0)} standbys would be left, and replication.synchronous is ${wanted}`]
      : []),
    ...synchronousProblems(facts, names),
    ...quorumProblems(facts, names),
    ...facts.unreachable
      .filter((name) => names.includes(name) && isAtWork(facts, name))
      .map(
        (name) => `${name} cannot be reached over SSH but works in the cluster; switch it off, or make it reachable`,
      ),
  ];
}

/**
 * Why this host may not be replaced now; empty when it may. One that answers goes only when the new one stands in, so that
 * now it may be the primary, or the only one that confirms commits. Pure.
 */
export function replacementProblems(facts: MembershipFacts, name: string, after: Spec): string[] {
  return facts.unreachable.includes(name)
    ? removalProblems(facts, [name], after)
    : [...pauseProblems(facts), ...quorumProblems(facts, [name])];
}

/**
 * Whether an earlier run has come so far that the old one has only to go: `apply` would set it up again. Where there is no
 * member to tell by, it is the vote in etcd that an old one has lost. Pure.
 */
export function standsIn({ spec, primary, streaming, etcd }: MembershipFacts, old: HostSpec, name: string): boolean {
  if (!old.roles.includes('database')) {
    return old.roles.includes('dcs') && memberOf(etcd.members, spec, old) === undefined;
  }
  const own = streaming.find((each) => each.name === name);
  return primary !== old.name && own !== undefined && (spec.replication.synchronous === 0 || confirms(own));
}

/** Why this standby may not be seeded anew now. Pure. */
export function reinitProblems(facts: MembershipFacts, name: string, allowAsynchronous: boolean): string[] {
  return [
    ...pauseProblems(facts),
    ...(name === facts.primary ? [`${name} is the primary; move it first: pgscale switchover`] : []),
    ...(allowAsynchronous ? [] : synchronousProblems(facts, [name])),
    ...(facts.unreachable.includes(name) ? [`${name} cannot be reached`] : []),
  ];
}

/** @throws PgscaleError PGS_MEMBERSHIP_REFUSED unless there are no problems. */
export function refuseFor(what: string, problems: readonly string[], next: readonly string[] = []): void {
  if (problems.length === 0) return;
  throw new PgscaleError('PGS_MEMBERSHIP_REFUSED', {
    what: `${what}; nothing was changed`,
    why: problems.join('\n'),
    ...(next.length === 0 ? {} : { next: [...next] }),
    details: { problems },
  });
}

function pauseProblems({ isPaused }: MembershipFacts): string[] {
  if (!isPaused) return [];
  return ['Patroni is paused: it starts no new standby and drops no slot; end that first: pgscale resume'];
}

/** A standby that confirms nothing now makes no difference when it goes. */
function synchronousProblems({ spec, streaming }: MembershipFacts, names: readonly string[]): string[] {
  const confirming = streaming.filter(confirms);
  const left = confirming.filter(({ name }) => !names.includes(name));
  if (left.length === confirming.length || left.length >= spec.replication.synchronous) return [];
  return [
    `${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} the only synchronous ${names.length === 1 ? 'standby' : 'standbys'} now; ${left.length} of ${spec.replication.synchronous} would be left`,
  ];
}

function confirms({ syncState }: MembershipFacts['streaming'][number]): boolean {
  return syncState === 'sync' || syncState === 'quorum';
}

/** The members that stay must have a majority of themselves at work. */
function quorumProblems({ spec, etcd }: MembershipFacts, names: readonly string[]): string[] {
  const leaving = hostsWithRole(spec, 'dcs').filter((host) => names.includes(host.name));
  if (leaving.length === 0) return [];
  const gone = leaving.flatMap((host) => memberOf(etcd.members, spec, host)?.id ?? []);
  const staying = etcd.members.filter(({ id, isLearner }) => !gone.includes(id) && !isLearner);
  const healthy = staying.filter(({ name }) => etcd.healthy.includes(name));
  if (staying.length > 0 && healthy.length >= majority(staying.length)) return [];
  return [`etcd would lose its quorum: of the ${staying.length} members that stay, ${healthy.length} work`];
}

function isAtWork({ streaming, known }: MembershipFacts, name: string): boolean {
  return known.includes(name) || streaming.some((each) => each.name === name);
}
