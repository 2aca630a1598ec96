import { LEASE_SECONDS } from '../../spec/lease.ts';
import type { Spec } from '../../spec/schema.ts';

/** Patroni's clocks, in seconds. https://patroni.readthedocs.io/en/latest/dynamic_configuration.html */
export interface PatroniTimings {
  /** How long the leader's lease lives: the most of what the loss of a host costs. Patroni's minimum is 20. */
  readonly ttl: number;
  /** How often a member looks: the most that noticing a crash of PostgreSQL takes. */
  readonly loopWait: number;
  /** Trouble with etcd that is shorter than this demotes nobody. */
  readonly retryTimeout: number;
  /** How long a crashed primary may take to come back before a synchronous standby takes over. */
  readonly startTimeoutSynchronous: number;
  /** The same where a failover may lose what was not sent yet, so that coming back is worth waiting for. */
  readonly startTimeoutAsynchronous: number;
  /** A primary that has to stop is killed after this, when a synchronous standby has all its commits. */
  readonly stopTimeout: number;
}

type Profile = Spec['failover']['profile'];

/**
 * Patroni demands loop_wait + 2 × retry_timeout ≤ ttl. We stay below it, because at equality the lease can end before a
 * primary that goes on by failsafe_mode has told the others (patroni#3678). docs/decisions/failover-timings.md
 */
export const PATRONI_TIMINGS: Readonly<Record<Profile, PatroniTimings>> = {
  fast: {
    ttl: LEASE_SECONDS.fast,
    loopWait: 5,
    retryTimeout: 5,
    startTimeoutSynchronous: 0,
    startTimeoutAsynchronous: 30,
    stopTimeout: 30,
  },
  normal: {
    ttl: LEASE_SECONDS.normal,
    loopWait: 10,
    retryTimeout: 8,
    startTimeoutSynchronous: 60,
    startTimeoutAsynchronous: 120,
    stopTimeout: 60,
  },
  wan: {
    ttl: LEASE_SECONDS.wan,
    loopWait: 10,
    retryTimeout: 20,
    startTimeoutSynchronous: 120,
    startTimeoutAsynchronous: 300,
    stopTimeout: 120,
  },
};

/**
 * A guard notices the crash of a process by itself, and then a long pause between two looks is better: the lease is renewed
 * less often, so that it has less left to run when a host is lost (docs/decisions/guard.md).
 */
const FAST_WITH_GUARD = { loopWait: 10, retryTimeout: 4 } as const;

/** The clocks of a cluster. The guard acts on a crash only where a synchronous standby can take over. Pure. */
export function patroniTimings({ failover, replication }: Pick<Spec, 'failover' | 'replication'>): PatroniTimings {
  const timings = PATRONI_TIMINGS[failover.profile];
  const isGuarded = failover.guard && replication.synchronous > 0;
  return isGuarded && failover.profile === 'fast' ? { ...timings, ...FAST_WITH_GUARD } : timings;
}
