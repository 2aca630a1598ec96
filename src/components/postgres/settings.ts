import { PGBACKREST, PKI, POSTGRES } from '../../spec/layout.ts';
import { isSharedParameter, type ParameterValue } from '../../spec/shared-parameters.ts';
import type { Spec } from '../../spec/schema.ts';
import type { Target } from '../component.ts';
import { sizing, type Sizing } from './sizing.ts';
import { POSTGRES_TIMINGS, type PostgresTimings } from './timings.ts';

type Parameters = Readonly<Record<string, ParameterValue>>;

/** Parameters of postgresql.conf that belong together. */
export interface Section {
  readonly title: string;
  readonly parameters: Parameters;
}

/**
 * What this host's postgresql.conf says, section by section; the spec's own parameters are the last one, because of two
 * lines for one parameter PostgreSQL takes the later. Shared ones are not here: Patroni gives those to every member.
 */
export function localSections(target: Target): Section[] {
  const size = sizing(target.spec, target.facts);
  const timings = POSTGRES_TIMINGS[target.spec.failover.profile];
  const own = Object.entries(target.spec.postgres.parameters).filter(([name]) => !isSharedParameter(name));
  const names = new Set(own.map(([name]) => name));
  const sections: Section[] = [
    { title: 'Connections', parameters: connections(timings) },
    { title: 'TLS and passwords', parameters: security() },
    { title: 'Memory', parameters: memory(size) },
    { title: 'Reading, and workers', parameters: reading(size) },
    { title: 'Write-ahead log', parameters: writeAheadLog(size) },
    ...(target.spec.backup === undefined
      ? []
      : [{ title: 'Archive', parameters: archive(target.spec.cluster, target.spec.backup.archiveTimeoutSeconds) }]),
    { title: 'Replication', parameters: { ...replication(size, timings), ...streams(target.spec.cdc) } },
    { title: 'Autovacuum', parameters: AUTOVACUUM },
    { title: 'Log: standard error, which systemd takes to the journal', parameters: LOGGING },
    { title: 'Locale', parameters: LOCALE },
  ].map(({ title, parameters }) => ({ title, parameters: without(parameters, names) }));
  if (own.length === 0) return sections;
  return [...sections, { title: 'From the spec', parameters: Object.fromEntries(own) }];
}

function without(parameters: Parameters, names: ReadonlySet<string>): Parameters {
  return Object.fromEntries(Object.entries(parameters).filter(([name]) => !names.has(name)));
}

function connections(timings: PostgresTimings): Parameters {
  return {
    superuser_reserved_connections: 5,
    tcp_keepalives_idle: timings.keepaliveIdleSeconds,
    tcp_keepalives_interval: timings.keepaliveIntervalSeconds,
    tcp_keepalives_count: timings.keepaliveCount,
    tcp_user_timeout: `${timings.tcpUserTimeoutMs}ms`,
    // A query whose client is gone does not run to its end.
    client_connection_check_interval: '10s',
  };
}

function security(): Parameters {
  return {
    ssl: 'on',
    ssl_ca_file: PKI.ca,
    ssl_cert_file: PKI.certificate,
    ssl_key_file: PKI.key,
    ssl_min_protocol_version: 'TLSv1.2',
    password_encryption: 'scram-sha-256',
  };
}

function memory(size: Sizing): Parameters {
  return {
    shared_buffers: `${size.sharedBuffersMb}MB`,
    effective_cache_size: `${size.effectiveCacheMb}MB`,
    work_mem: `${size.workMemKb}kB`,
    maintenance_work_mem: `${size.maintenanceWorkMemMb}MB`,
    autovacuum_work_mem: `${size.autovacuumWorkMemMb}MB`,
    huge_pages: 'try',
    shared_preload_libraries: 'pg_stat_statements',
  };
}

/**
 * io_uring is left to the spec: it locks memory for every connection slot when PostgreSQL starts, and where the limit is
 * too low (a container's 8 MB, seen in the lab) PostgreSQL does not start at all.
 */
function reading(size: Sizing): Parameters {
  return {
    io_method: 'worker',
    io_workers: size.ioWorkers,
    random_page_cost: 1.1,
    jit: 'off',
    max_parallel_workers: size.parallelWorkers,
    max_parallel_workers_per_gather: size.parallelWorkersPerGather,
    max_parallel_maintenance_workers: size.parallelWorkersPerGather,
    track_io_timing: 'on',
  };
}

function writeAheadLog(size: Sizing): Parameters {
  return {
    max_wal_size: `${size.maxWalMb}MB`,
    min_wal_size: `${size.minWalMb}MB`,
    checkpoint_timeout: '15min',
    checkpoint_completion_target: 0.9,
    wal_compression: 'lz4',
    default_toast_compression: 'lz4',
    // After a crash, one syncfs instead of opening every file of the data directory.
    recovery_init_sync_method: 'syncfs',
  };
}

/**
 * Every member has the same, so that whoever is promoted goes on archiving. `always` is not for pgBackRest, which refuses
 * it: https://pgbackrest.org/configuration.html#section-archive/option-archive-mode-check
 */
function archive(stanza: string, timeoutSeconds: number): Parameters {
  return {
    archive_mode: 'on',
    archive_command: `${PGBACKREST.program} --config=${PGBACKREST.configFile} --stanza=${stanza} archive-push "%p"`,
    archive_timeout: `${timeoutSeconds}s`,
  };
}

function replication(size: Sizing, timings: PostgresTimings): Parameters {
  return {
    wal_sender_timeout: `${timings.replicationTimeoutMs}ms`,
    wal_receiver_timeout: `${timings.replicationTimeoutMs}ms`,
    wal_receiver_status_interval: '1s',
    // The default of 5 s is how long a standby may wait before it follows a new primary.
    wal_retrieve_retry_interval: '500ms',
    max_slot_wal_keep_size: `${size.slotWalMb}MB`,
    idle_replication_slot_timeout: '3d',
    // Reads on standbys are not cancelled for what vacuum removes on the primary.
    hot_standby_feedback: 'on',
  };
}

/**
 * Standbys keep copies of the failover slots; Patroni puts the database into primary_conninfo by itself. Of output plugins
 * PostgreSQL loads those that are listed, pgoutput and test_decoding when nothing is.
 */
function streams(cdc: Spec['cdc']): Parameters {
  if (cdc.length === 0) return {};
  const isJson = cdc.some(({ plugin }) => plugin === 'wal2json');
  return {
    sync_replication_slots: 'on',
    ...(isJson && { output_plugin_libraries: 'pgoutput, test_decoding, wal2json' }),
  };
}

const AUTOVACUUM: Parameters = {
  autovacuum_vacuum_cost_limit: 1000,
  autovacuum_vacuum_scale_factor: 0.1,
  autovacuum_analyze_scale_factor: 0.05,
};

const LOGGING: Parameters = {
  log_destination: 'stderr',
  logging_collector: 'off',
  log_line_prefix: '%m [%p] %q%u@%d %a %h ',
  log_timezone: 'UTC',
  log_checkpoints: 'on',
  log_lock_waits: 'on',
  log_recovery_conflict_waits: 'on',
  log_autovacuum_min_duration: '10s',
  log_temp_files: '100MB',
};

/** What initdb would have written into its own postgresql.conf, which this file stands in for. */
const LOCALE: Parameters = {
  timezone: 'UTC',
  datestyle: 'iso, mdy',
  lc_messages: 'C.UTF-8',
  lc_monetary: 'C.UTF-8',
  lc_numeric: 'C.UTF-8',
  lc_time: 'C.UTF-8',
  default_text_search_config: 'pg_catalog.english',
};

/** What templates/postgres/postgresql.conf.hbs is filled with. */
export function configurationFile(target: Target): object {
  const { host, facts } = target;
  return {
    host: host.name,
    cpuCount: facts.cpuCount,
    socketDirectory: POSTGRES.socketDirectory,
    sections: localSections(target).map(({ title, parameters }) => ({
      title,
      lines: Object.entries(parameters).map(([name, value]) => `${name} = ${quoted(value)}`),
    })),
  };
}

/** https://www.postgresql.org/docs/18/config-setting.html#CONFIG-SETTING-NAMES-VALUES */
function quoted(value: ParameterValue): string {
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  if (typeof value === 'number') return String(value);
  return /^(?:on|off)$/u.test(value) ? value : `'${value.replaceAll("'", "''")}'`;
}
