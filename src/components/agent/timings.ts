import type { GuardTimings } from '../../agent/guard/settings.ts';
import type { Spec } from '../../spec/schema.ts';

/** What differs between the profiles, in milliseconds. */
type ProfileTimings = Pick<GuardTimings, 'postmasterMs' | 'patroniMs' | 'leaseFloorSeconds'>;

/**
 * A crashed postmaster does not come back by itself; the short patience is for a restart by hand. systemd starts Patroni
 * again after a second, so three times that is enough. Patroni renews its lease at least every `loop_wait`; the floor is
 * below what is left then, and leaves time to end PostgreSQL before the lease does.
 */
export const GUARD_TIMINGS: Readonly<Record<Spec['failover']['profile'], ProfileTimings>> = {
  fast: { postmasterMs: 100, patroniMs: 3000, leaseFloorSeconds: 4 },
  normal: { postmasterMs: 1000, patroniMs: 5000, leaseFloorSeconds: 6 },
  wan: { postmasterMs: 2000, patroniMs: 10_000, leaseFloorSeconds: 12 },
};

export const TICK_MS = 100;
