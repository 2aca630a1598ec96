import type { Spec } from '../../spec/schema.ts';

/** When the kernel gives up on a peer that is silent, where a program does not say otherwise. */
export interface KernelTimings {
  readonly keepaliveIdleSeconds: number;
  readonly keepaliveIntervalSeconds: number;
  readonly keepaliveCount: number;
  /** How long a neighbour's hardware address is trusted without a sign of life. */
  readonly neighbourReachableMs: number;
  /**
   * Between the three questions after which a neighbour is unreachable (ARP, NDP). A multiple of 20, which the kernel can count
   * at every rate of its clock.
   */
  readonly neighbourRetransmitMs: number;
}

type Profile = Spec['failover']['profile'];

/** The kernel's default is two hours: a connection to a lost host would outlive every failover. */
export const KERNEL_TIMINGS: Readonly<Record<Profile, KernelTimings>> = {
  fast: {
    keepaliveIdleSeconds: 30,
    keepaliveIntervalSeconds: 5,
    keepaliveCount: 4,
    neighbourReachableMs: 5000,
    neighbourRetransmitMs: 240,
  },
  normal: {
    keepaliveIdleSeconds: 60,
    keepaliveIntervalSeconds: 10,
    keepaliveCount: 5,
    neighbourReachableMs: 10_000,
    neighbourRetransmitMs: 500,
  },
  wan: {
    keepaliveIdleSeconds: 120,
    keepaliveIntervalSeconds: 15,
    keepaliveCount: 6,
    neighbourReachableMs: 30_000,
    neighbourRetransmitMs: 1000,
  },
};
