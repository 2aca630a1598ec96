import { GUARD_TIMINGS, TICK_MS } from '../components/agent/timings.ts';
import { ETCD_TIMINGS } from '../components/etcd/timings.ts';
import { promotionIntervalMs, PROXY_TIMINGS } from '../components/haproxy/timings.ts';
import { patroniTimings } from '../components/patroni/timings.ts';
import { POOLER_TIMINGS } from '../components/pgbouncer/timings.ts';
import type { Spec } from '../spec/schema.ts';
import { hostsWithRole } from '../spec/topology.ts';

/** How long nobody can write, in seconds. */
export interface Outage {
  readonly best: number;
  readonly expected: number;
  readonly worst: number;
}

/** What each kind of failure of the primary costs. */
export interface Outages {
  /** PostgreSQL is killed while its host goes on. */
  readonly crash: Outage;
  /** The host is gone: power, kernel. */
  readonly hostLoss: Outage;
  /** The host is cut off from all others. */
  readonly networkCut: Outage;
  /** Who acts on a crash. */
  readonly isGuarded: boolean;
}

/** From a free lease to a promoted standby: election by positions, promotion. Measured: docs/decisions/guard.md. */
const ELECTION: Outage = { best: 0.3, expected: 0.5, worst: 1.5 };
/** Ending Patroni and PostgreSQL, proving it, revoking the lease. */
const FENCE: Outage = { best: 0.1, expected: 0.3, worst: 1 };
/** A candidate asks the lost leader too, and waits so long for its answer, every time (Patroni, hard-coded). */
const LOST_LEADER_SECONDS = 2;
/** etcd looks for leases that have run out each half second. */
const AFTER_LEASE: Outage = {
  best: LOST_LEADER_SECONDS,
  expected: LOST_LEADER_SECONDS + 0.25,
  worst: LOST_LEADER_SECONDS + 0.5,
};

/**
 * What a spec promises when its primary fails, by the timeouts that it sets; undefined where no standby could take over.
 * Pure. A lease is renewed once in `loop_wait`, so it has between `ttl - loop_wait` and `ttl` left when a host is lost; an
 * etcd that elects a leader first grants every lease its whole life again (the guard keeps etcd's leader on another host, but
 * it needs two seconds for that).
 */
export function outages(spec: Spec): Outages | undefined {
  if (hostsWithRole(spec, 'database').length < 2) return undefined;
  const { ttl, loopWait } = patroniTimings(spec);
  const isGuarded = spec.failover.guard && spec.replication.synchronous > 0;
  const election = (ETCD_TIMINGS[spec.failover.profile].electionMs * 2) / 1000;
  const lease = { best: ttl - loopWait, expected: ttl - loopWait / 2, worst: ttl + election };
  const lost = sum(lease, AFTER_LEASE, ELECTION, routing(spec));
  const noticed = isGuarded ? sum(guardNotices(spec), FENCE) : patroniNotices(spec);
  return { crash: sum(noticed, ELECTION, routing(spec)), hostLoss: lost, networkCut: lost, isGuarded };
}

function guardNotices({ failover }: Spec): Outage {
  const patience = GUARD_TIMINGS[failover.profile].postmasterMs / 1000;
  const tick = TICK_MS / 1000;
  return { best: patience, expected: patience + tick, worst: patience + 5 * tick };
}

/** Patroni looks once in a loop; then it starts PostgreSQL again where it has patience with that, else it steps back. */
function patroniNotices(spec: Spec): Outage {
  const { loopWait, startTimeoutSynchronous, startTimeoutAsynchronous } = patroniTimings(spec);
  const patience = spec.replication.synchronous > 0 ? startTimeoutSynchronous : startTimeoutAsynchronous;
  return { best: 0.5, expected: loopWait / 2 + 1, worst: loopWait + 1 + (patience > 0 ? patience + loopWait : 0) };
}

/** HAProxy finds the new primary, and PgBouncer logs in again. */
function routing(spec: Spec): Outage {
  const { profile } = spec.failover;
  const askedMs = promotionIntervalMs(spec);
  const { checkTimeoutMs } = PROXY_TIMINGS[profile];
  const { loginRetrySeconds } = POOLER_TIMINGS[profile];
  return {
    best: 0.1,
    expected: askedMs / 1000 + loginRetrySeconds / 2,
    worst: (askedMs + checkTimeoutMs) / 1000 + loginRetrySeconds,
  };
}

function sum(...parts: Outage[]): Outage {
  const of = (key: keyof Outage): number => Number(parts.reduce((total, each) => total + each[key], 0).toFixed(1));
  return { best: of('best'), expected: of('expected'), worst: of('worst') };
}
