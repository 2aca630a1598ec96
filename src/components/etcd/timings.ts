import type { Spec } from '../../spec/schema.ts';

/** How etcd's members notice that their leader is gone, in milliseconds. */
export interface EtcdTimings {
  readonly heartbeatMs: number;
  /** About ten heartbeats. The shortest lease that etcd grants is 1.5 times this. */
  readonly electionMs: number;
}

type Profile = Spec['failover']['profile'];

/** https://etcd.io/docs/v3.5/tuning/#time-parameters: the heartbeat is the round-trip time, the election ten of them. */
export const ETCD_TIMINGS: Readonly<Record<Profile, EtcdTimings>> = {
  fast: { heartbeatMs: 100, electionMs: 1000 },
  normal: { heartbeatMs: 150, electionMs: 1500 },
  wan: { heartbeatMs: 300, electionMs: 3000 },
};
