import type { Spec } from './schema.ts';

/** A value of a PostgreSQL parameter, as it stands in the spec. */
export type ParameterValue = string | number | boolean;

/** Connections for what goes past the poolers: the `primary` and `replica` endpoints, Patroni, monitoring, psql. */
const DIRECT_CONNECTIONS = 100;

/**
 * What every member must have alike, because a standby needs at least what the primary had, and what Patroni takes from
 * its shared config only and gives to postgres on the command line.
 * https://patroni.readthedocs.io/en/latest/patroni_configuration.html
 *
 * None of it may depend on a host or on how many there are: adding a standby must not restart the cluster.
 */
const SHARED_DEFAULTS = {
  // PostgreSQL 18 sizes its fast-path locks by it, and a query over many partitions takes many locks.
  max_locks_per_transaction: 256,
  max_prepared_transactions: 0,
  max_replication_slots: 20,
  max_wal_senders: 20,
  // Slots for background workers cost next to nothing; how many run in parallel is set per host.
  max_worker_processes: 32,
  track_commit_timestamp: false,
  // Lets a standby without a slot (being replaced, being seeded) and pg_rewind find recent WAL.
  wal_keep_size: '1GB',
  wal_level: 'replica',
  wal_log_hints: true,
} as const satisfies Record<string, ParameterValue>;

const SHARED_NAMES: ReadonlySet<string> = new Set([...Object.keys(SHARED_DEFAULTS), 'max_connections']);

/** Whether a parameter belongs to Patroni's shared config rather than to postgresql.conf. */
export function isSharedParameter(name: string): boolean {
  return SHARED_NAMES.has(name);
}

/**
 * The parameters in Patroni's shared config: a pure function of the spec. max_connections holds the server connections of
 * two busy poolers (a VIP may just be moving from one to the other) and those that go past them.
 */
export function sharedParameters(spec: Spec): Record<string, ParameterValue> {
  const overrides = Object.entries(spec.postgres.parameters)
    .filter(([name]) => isSharedParameter(name))
    .map(([name, value]) => [name, plainValue(value)] as const);
  const parameters = {
    ...SHARED_DEFAULTS,
    // Logical decoding costs WAL for every update, so it is there when somebody wants it.
    ...(spec.cdc.length > 0 && { wal_level: 'logical' }),
    max_connections: 2 * spec.pooler.backends + DIRECT_CONNECTIONS,
    ...Object.fromEntries(overrides),
  };
  return Object.fromEntries(Object.entries(parameters).sort(([a], [b]) => a.localeCompare(b)));
}

/** Patroni hands on as JSON what it read as YAML 1.1: one spelling for each value, so that it compares equal later. */
function plainValue(value: ParameterValue): ParameterValue {
  if (typeof value !== 'string') return value;
  if (/^(?:on|true|yes)$/iu.test(value)) return true;
  if (/^(?:off|false|no)$/iu.test(value)) return false;
  return /^\d{1,15}$/u.test(value) ? Number(value) : value;
}
