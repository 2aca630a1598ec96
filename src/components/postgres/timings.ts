import type { Spec } from '../../spec/schema.ts';

/** How soon PostgreSQL gives up on a peer that does not answer any more, in milliseconds but for the counts. */
export interface PostgresTimings {
  /** A silent standby loses its walsender, and a silent primary its walreceiver, after this. */
  readonly replicationTimeoutMs: number;
  readonly tcpUserTimeoutMs: number;
  readonly keepaliveIdleSeconds: number;
  readonly keepaliveIntervalSeconds: number;
  readonly keepaliveCount: number;
}

type Profile = Spec['failover']['profile'];

/** PostgreSQL's own defaults (60 s, and what the kernel has: 2 h) would outlast any failover. */
export const POSTGRES_TIMINGS: Readonly<Record<Profile, PostgresTimings>> = {
  fast: {
    replicationTimeoutMs: 10_000,
    tcpUserTimeoutMs: 10_000,
    keepaliveIdleSeconds: 10,
    keepaliveIntervalSeconds: 5,
    keepaliveCount: 3,
  },
  normal: {
    replicationTimeoutMs: 20_000,
    tcpUserTimeoutMs: 20_000,
    keepaliveIdleSeconds: 20,
    keepaliveIntervalSeconds: 10,
    keepaliveCount: 3,
  },
  wan: {
    replicationTimeoutMs: 60_000,
    tcpUserTimeoutMs: 60_000,
    keepaliveIdleSeconds: 60,
    keepaliveIntervalSeconds: 15,
    keepaliveCount: 4,
  },
};
