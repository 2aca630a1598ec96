import type { Spec } from '../../spec/schema.ts';

/** How a pooler behaves while there is no primary. Seconds. */
export interface PoolerTimings {
  /** How long a client's query waits for a server connection. */
  readonly queryWaitSeconds: number;
  /** Longer than HAProxy's `holdMs` and its connect timeout together, so that the hold is not cut short. */
  readonly connectSeconds: number;
  /** Pause after a failed server login; meanwhile PgBouncer turns waiting clients away, so it is short. */
  readonly loginRetrySeconds: number;
  /** Unacknowledged data to a client or a server older than this ends the connection (TCP_USER_TIMEOUT). */
  readonly tcpUserTimeoutMs: number;
  readonly keepaliveIdleSeconds: number;
  readonly keepaliveIntervalSeconds: number;
  readonly keepaliveCount: number;
}

export const POOLER_TIMINGS: Readonly<Record<Spec['failover']['profile'], PoolerTimings>> = {
  fast: {
    queryWaitSeconds: 30,
    connectSeconds: 6,
    loginRetrySeconds: 0.5,
    tcpUserTimeoutMs: 30_000,
    keepaliveIdleSeconds: 30,
    keepaliveIntervalSeconds: 5,
    keepaliveCount: 3,
  },
  normal: {
    queryWaitSeconds: 60,
    connectSeconds: 9,
    loginRetrySeconds: 0.5,
    tcpUserTimeoutMs: 60_000,
    keepaliveIdleSeconds: 60,
    keepaliveIntervalSeconds: 10,
    keepaliveCount: 3,
  },
  wan: {
    queryWaitSeconds: 120,
    connectSeconds: 15,
    loginRetrySeconds: 1,
    tcpUserTimeoutMs: 120_000,
    keepaliveIdleSeconds: 120,
    keepaliveIntervalSeconds: 15,
    keepaliveCount: 4,
  },
};
