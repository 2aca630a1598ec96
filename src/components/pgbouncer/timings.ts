import type { Spec } from '../../spec/schema.ts';

/** How a pooler behaves while there is no primary. Seconds. */
export interface PoolerTimings {
  /** How long a client's query waits for a server connection. */
  readonly queryWaitSeconds: number;
  /** Longer than HAProxy's `holdMs` and its connect timeout together, so that the hold is not cut short. */
  readonly connectSeconds: number;
  /** Pause after a failed server login; meanwhile PgBouncer turns waiting clients away, so it is short. */
  readonly loginRetrySeconds: number;
}

export const POOLER_TIMINGS: Readonly<Record<Spec['failover']['profile'], PoolerTimings>> = {
  fast: { queryWaitSeconds: 30, connectSeconds: 6, loginRetrySeconds: 0.5 },
  normal: { queryWaitSeconds: 60, connectSeconds: 9, loginRetrySeconds: 0.5 },
  wan: { queryWaitSeconds: 120, connectSeconds: 15, loginRetrySeconds: 1 },
};
