import type { Spec } from '../../spec/schema.ts';

/** When the kernel gives up on a peer that is silent, where a program does not say otherwise. */
export interface KernelTimings {
  readonly keepaliveIdleSeconds: number;
  readonly keepaliveIntervalSeconds: number;
  readonly keepaliveCount: number;
}

type Profile = Spec['failover']['profile'];

/** The kernel's default is two hours: a connection to a lost host would outlive every failover. */
export const KERNEL_TIMINGS: Readonly<Record<Profile, KernelTimings>> = {
  fast: { keepaliveIdleSeconds: 30, keepaliveIntervalSeconds: 5, keepaliveCount: 4 },
  normal: { keepaliveIdleSeconds: 60, keepaliveIntervalSeconds: 10, keepaliveCount: 5 },
  wan: { keepaliveIdleSeconds: 120, keepaliveIntervalSeconds: 15, keepaliveCount: 6 },
};
