import type { Spec } from '../../spec/schema.ts';
import { sharedParameters, type ParameterValue } from '../../spec/shared-parameters.ts';
import { patroniTimings } from './timings.ts';

/** Patroni's shared ("dynamic") config, which lives in etcd and holds for every member. */
export interface SharedConfig {
  readonly ttl: number;
  readonly loop_wait: number;
  readonly retry_timeout: number;
  readonly maximum_lag_on_failover: number;
  readonly primary_start_timeout: number;
  readonly primary_stop_timeout: number;
  readonly synchronous_mode: 'quorum' | false;
  readonly synchronous_mode_strict: boolean;
  readonly synchronous_node_count: number;
  readonly failsafe_mode: boolean;
  readonly check_timeline: boolean;
  readonly member_slots_ttl: string;
  readonly ignore_slots: readonly { readonly type: string }[];
  readonly postgresql: {
    readonly use_pg_rewind: boolean;
    readonly use_slots: boolean;
    readonly parameters: Readonly<Record<string, ParameterValue>>;
  };
}

/** An asynchronous standby that is further behind is no candidate. */
const LAG_MAX_BYTES = 1024 ** 2;

/**
 * In quorum mode the vote proves that the candidate has every acknowledged commit. The limit would count WAL that nobody was
 * told of yet, and leave a cluster under bulk load without a leader. So it is more than WAL can be.
 * https://patroni.readthedocs.io/en/latest/dynamic_configuration.html
 */
const LAG_MAX_BYTES_QUORUM = 1024 ** 4;

/**
 * What Patroni's shared config should be: a pure function of the spec. It goes into patroni.yml for the bootstrap, and is
 * kept as it should be by comparing it with `GET /config` afterwards.
 *
 * - `quorum`: a commit waits for the first N standbys that answer, whichever they are, so that losing one stops nothing.
 * - `check_timeline`: else a former primary with a longer, diverged log can win an election.
 * - `ignore_slots`: Patroni drops slots that it does not know; logical ones belong to whoever made them.
 * - `member_slots_ttl`: how long WAL is kept for a member that is away (max_slot_wal_keep_size guards the disk).
 */
export function sharedConfig(spec: Spec): SharedConfig {
  const { synchronous, strict } = spec.replication;
  const timings = patroniTimings(spec);
  return {
    ttl: timings.ttl,
    loop_wait: timings.loopWait,
    retry_timeout: timings.retryTimeout,
    maximum_lag_on_failover: synchronous > 0 ? LAG_MAX_BYTES_QUORUM : LAG_MAX_BYTES,
    primary_start_timeout: synchronous > 0 ? timings.startTimeoutSynchronous : timings.startTimeoutAsynchronous,
    primary_stop_timeout: timings.stopTimeout,
    synchronous_mode: synchronous > 0 ? 'quorum' : false,
    synchronous_mode_strict: synchronous > 0 && strict,
    synchronous_node_count: Math.max(1, synchronous),
    failsafe_mode: true,
    check_timeline: true,
    member_slots_ttl: '6h',
    ignore_slots: [{ type: 'logical' }],
    postgresql: { use_pg_rewind: true, use_slots: true, parameters: sharedParameters(spec) },
  };
}
