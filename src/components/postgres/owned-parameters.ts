const TLS = 'connections from other hosts always use TLS with the cluster’s own certificates';
const REPLICATION = 'Patroni sets it; see `replication` in the spec';
const ARCHIVE = 'it follows from `backup` in the spec';
const PLACE = 'it follows from where pgscale keeps things';

/**
 * The PostgreSQL parameters that `postgres.parameters` may not set, and why. All others are free, and win over what
 * pgscale computes from the size of the host.
 */
export const OWNED_PARAMETERS: Readonly<Partial<Record<string, string>>> = {
  archive_cleanup_command: ARCHIVE,
  archive_command: ARCHIVE,
  archive_library: ARCHIVE,
  archive_mode: ARCHIVE,
  cluster_name: 'it is `cluster` in the spec',
  config_file: PLACE,
  data_checksums: 'checksums are always on',
  data_directory: 'set `postgres.dataDirectory`',
  external_pid_file: PLACE,
  fsync: 'without it a crash loses data that was reported as committed',
  full_page_writes: 'without it a crash can damage pages beyond repair',
  hba_file: 'set `postgres.hba` for lines of your own',
  hot_standby: 'standbys always answer reads',
  ident_file: PLACE,
  include: PLACE,
  include_dir: PLACE,
  include_if_exists: PLACE,
  listen_addresses: 'it follows from `hosts`',
  password_encryption: 'passwords are SCRAM only',
  port: 'set `postgres.port`',
  primary_conninfo: REPLICATION,
  primary_slot_name: REPLICATION,
  promote_trigger_file: REPLICATION,
  recovery_end_command: 'it belongs to a restore',
  recovery_target: 'it belongs to a restore',
  recovery_target_action: 'it belongs to a restore',
  recovery_target_inclusive: 'it belongs to a restore',
  recovery_target_lsn: 'it belongs to a restore',
  recovery_target_name: 'it belongs to a restore',
  recovery_target_time: 'it belongs to a restore',
  recovery_target_timeline: 'it belongs to a restore',
  recovery_target_xid: 'it belongs to a restore',
  restore_command: ARCHIVE,
  ssl: TLS,
  ssl_ca_file: TLS,
  ssl_cert_file: TLS,
  ssl_crl_dir: TLS,
  ssl_crl_file: TLS,
  ssl_key_file: TLS,
  ssl_min_protocol_version: TLS,
  sync_replication_slots: 'it follows from `cdc` in the spec',
  synchronized_standby_slots: 'the agent on the hosts sets it: it follows the standbys that are there',
  synchronous_standby_names: REPLICATION,
  unix_socket_directories: PLACE,
  wal_log_hints: 'pg_rewind needs it, and checksums imply it',
};
