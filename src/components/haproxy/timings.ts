import type { Spec } from '../../spec/schema.ts';
import { hasProxy } from '../../spec/topology.ts';

/** How fast HAProxy notices that a member went away or became the primary. All in milliseconds, but for the counts. */
export interface ProxyTimings {
  readonly checkIntervalMs: number;
  /** Interval while a member changes between up and down. */
  readonly transitionIntervalMs: number;
  readonly checkTimeoutMs: number;
  readonly fall: number;
  /**
   * The same for who is the primary: enough for a Patroni that was killed to be started again (2 s), because the sessions of a
   * primary that is down are ended. A role that moves in order does not wait for it: the valve says it to HAProxy.
   */
  readonly primaryFall: number;
  readonly rise: number;
  readonly connectTimeoutMs: number;
  /** How long a new connection waits at the door while no member can take it, before it is refused. */
  readonly holdMs: number;
  /** Unacknowledged data to a member older than this ends the connection (TCP_USER_TIMEOUT). */
  readonly tcpUserTimeoutMs: number;
  /** Of a member that is silent; three unanswered questions end the connection. */
  readonly keepaliveIdleSeconds: number;
  readonly keepaliveIntervalSeconds: number;
  /** The same for clients, which may be far away. */
  readonly clientUserTimeoutMs: number;
  readonly clientKeepaliveIdleSeconds: number;
  readonly clientKeepaliveIntervalSeconds: number;
}

type Profile = Spec['failover']['profile'];

/**
 * How often one Patroni is asked whether it has become the primary, at most, by all proxies together. Each time is a TLS
 * handshake: about 3 ms of its processor time (docs/decisions/failover-timings.md).
 */
const ASKED_PER_SECOND = 10;

/** A switchover takes about 1.5 s without a primary (measured in the lab), so `fast` holds connections for 2 s. */
export const PROXY_TIMINGS: Readonly<Record<Profile, ProxyTimings>> = {
  fast: {
    checkIntervalMs: 1000,
    transitionIntervalMs: 300,
    checkTimeoutMs: 2000,
    fall: 2,
    primaryFall: 8,
    rise: 1,
    connectTimeoutMs: 2000,
    holdMs: 2000,
    tcpUserTimeoutMs: 5000,
    keepaliveIdleSeconds: 5,
    keepaliveIntervalSeconds: 2,
    clientUserTimeoutMs: 30_000,
    clientKeepaliveIdleSeconds: 60,
    clientKeepaliveIntervalSeconds: 10,
  },
  normal: {
    checkIntervalMs: 2000,
    transitionIntervalMs: 1000,
    checkTimeoutMs: 3000,
    fall: 2,
    primaryFall: 3,
    rise: 1,
    connectTimeoutMs: 3000,
    holdMs: 3000,
    tcpUserTimeoutMs: 10_000,
    keepaliveIdleSeconds: 10,
    keepaliveIntervalSeconds: 3,
    clientUserTimeoutMs: 60_000,
    clientKeepaliveIdleSeconds: 90,
    clientKeepaliveIntervalSeconds: 15,
  },
  wan: {
    checkIntervalMs: 3000,
    transitionIntervalMs: 1500,
    checkTimeoutMs: 5000,
    fall: 3,
    primaryFall: 3,
    rise: 2,
    connectTimeoutMs: 5000,
    holdMs: 5000,
    tcpUserTimeoutMs: 20_000,
    keepaliveIdleSeconds: 20,
    keepaliveIntervalSeconds: 5,
    clientUserTimeoutMs: 120_000,
    clientKeepaliveIdleSeconds: 120,
    clientKeepaliveIntervalSeconds: 20,
  },
};

/**
 * How often a proxy asks a standby whether it has become the primary, in milliseconds: as often as `transitionIntervalMs` says,
 * or less often where so many proxies ask that it would keep Patroni busy; never less often than it asks everybody. Pure.
 */
export function promotionIntervalMs({ hosts, failover }: Pick<Spec, 'hosts' | 'failover'>): number {
  const { transitionIntervalMs, checkIntervalMs } = PROXY_TIMINGS[failover.profile];
  const fairMs = (hosts.filter(hasProxy).length * 1000) / ASKED_PER_SECOND;
  return Math.min(Math.max(fairMs, transitionIntervalMs), checkIntervalMs);
}
