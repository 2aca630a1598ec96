/**
 * Where things are on a host. pgscale keeps its files in folders of its own, so that it never has to overwrite a file of
 * a package or of somebody else, and so that `destroy` knows what it made. Outside of these there are only drop-ins with
 * pgscale in their name (systemd, sysctl, limits).
 */
export const ETC = '/etc/pgscale';
/** Names the cluster that this host belongs to; written first, removed last. */
export const MARKER_FILE = `${ETC}/cluster.json`;
export const STATE_DIRECTORY = '/var/lib/pgscale';
export const LOG_DIRECTORY = '/var/log/pgscale';
/** What the last run that came to its end wrote here. */
export const APPLIED_FILE = `${STATE_DIRECTORY}/applied.sha256`;
export const AUDIT_FILE = `${LOG_DIRECTORY}/audit.jsonl`;

/** The folder of one component's files on a host. */
export function componentDirectory(component: string): string {
  return `${ETC}/${component}`;
}

/** One key and certificate per host, for server and client side; group `pgscale` may read the key. */
export const PKI = {
  group: 'pgscale',
  ca: `${ETC}/pki/ca.crt`,
  certificate: `${ETC}/pki/host.crt`,
  key: `${ETC}/pki/host.key`,
  /** Certificate and key in one file, as HAProxy wants it. */
  bundle: `${ETC}/pki/host.pem`,
} as const;

export const POSTGRES = {
  user: 'postgres',
  binDirectory: '/usr/lib/postgresql/18/bin',
  socketDirectory: '/var/run/postgresql',
  configFile: `${ETC}/postgres/postgresql.conf`,
  hbaFile: `${ETC}/postgres/pg_hba.conf`,
  identFile: `${ETC}/postgres/pg_ident.conf`,
} as const;

export const PATRONI = {
  configDirectory: `${ETC}/patroni`,
  configFile: `${ETC}/patroni/patroni.yml`,
  /** Where etcd is. */
  etcdFile: `${ETC}/patroni/etcd.yml`,
  unit: 'patroni.service',
  /** Who may change things over the REST API: a client certificate of the cluster's CA, and this user's password. */
  restUser: 'pgscale',
  dcsNamespace: '/pgscale',
  /** Patroni writes the password of the walreceiver here, for the address that it streams from. */
  passFile: `${STATE_DIRECTORY}/patroni/pgpass`,
  /** There while a switchover moves the primary of this host. */
  moveMark: '/run/pgscale/moving',
  /** There while this host is, or was a moment ago, to become the primary by a switchover. */
  candidateMark: '/run/pgscale/candidate',
  /** What the check of a candidate is told. */
  candidateFile: `${ETC}/patroni/candidate.json`,
} as const;
/** pgscale's own program on the hosts. */
export const AGENT = {
  runtime: '/usr/bin/node',
  programDirectory: '/usr/lib/pgscale',
  programFile: '/usr/lib/pgscale/agent.mjs',
  guardUnit: 'pgscale-guard.service',
  guardFile: `${ETC}/agent/guard.json`,
} as const;
/** The rotation of partitions: the agent, started by a timer. */
export const PARTITIONS = {
  unit: 'pgscale-partitions.service',
  timer: 'pgscale-partitions.timer',
  settingsFile: `${ETC}/partitions/rotation.json`,
  /** Where archived partitions go, with the keys of the store. */
  storeFile: `${ETC}/partitions/store.json`,
  /** How the last rotation ended. */
  outcomeFile: `${STATE_DIRECTORY}/partitions/last.json`,
} as const;

/** The upkeep of slots for change data capture: the agent, always running. */
export const CDC = {
  unit: 'pgscale-slots.service',
  settingsFile: `${ETC}/cdc/slots.json`,
} as const;

export const ETCD = {
  configFile: `${ETC}/etcd/etcd.yml`,
  unit: 'etcd.service',
  dataDirectory: '/var/lib/etcd/pgscale',
} as const;
export const HAPROXY = {
  configFile: `${ETC}/haproxy/haproxy.cfg`,
  awaitMemberFile: `${ETC}/haproxy/await-member.lua`,
  unit: 'haproxy.service',
  /** The runtime API: a switchover says who the primary is ahead of the checks, a member that leaves is drained. */
  socket: '/run/haproxy/admin.sock',
  /** Statistics by HTTP, for root only. */
  statsSocket: '/run/haproxy/stats.sock',
  /**
   * Doors on 127.0.0.1 for the poolers of the same host: to the primary, to the nearest standby, and to anyone who can
   * answer (the primary when there is one).
   */
  localPorts: { primary: 15_432, replica: 15_433, any: 15_434 },
} as const;
export const KEEPALIVED = { configFile: `${ETC}/keepalived/keepalived.conf`, unit: 'keepalived.service' } as const;

export const PGBOUNCER = {
  configDirectory: `${ETC}/pgbouncer`,
  /** What the valve is told, which holds the poolers while the primary moves. */
  valveFile: `${ETC}/pgbouncer/valve.json`,
  valveUnit: 'pgscale-pooler-valve.service',
  /** One process each, counted from 1; all share one port (so_reuseport), each has a socket of its own. */
  unit: (process: number | '*') => `pgscale-pgbouncer@${process}.service`,
  socketDirectories: '/run/pgscale-pgbouncer',
  socketDirectory: (process: number) => `/run/pgscale-pgbouncer/${process}`,
} as const;

export const PGBACKREST = {
  program: '/usr/bin/pgbackrest',
  directory: `${ETC}/pgbackrest`,
  configFile: `${ETC}/pgbackrest/pgbackrest.conf`,
  /** The CA by which the repository is known, when the spec names one. */
  caFile: `${ETC}/pgbackrest/repository-ca.crt`,
  /** The key file that sftp and gcs want. */
  keyFile: `${ETC}/pgbackrest/repository.key`,
  /** The way into the archive of another cluster, while this one is restored from there. */
  source: {
    configFile: `${ETC}/pgbackrest/restore-source.conf`,
    caFile: `${ETC}/pgbackrest/restore-source-ca.crt`,
    keyFile: `${ETC}/pgbackrest/restore-source.key`,
  },
  /** What the agent is told about the archive. */
  archiveFile: `${ETC}/pgbackrest/archive.json`,
  /** Lets the other members back up from this host, over mutual TLS. */
  unit: 'pgscale-pgbackrest.service',
  /** Makes a backup of the schedule; the instance is the type. */
  scheduledUnit: 'pgscale-backup@.service',
  timer: (type: string) => `pgscale-backup-${type}.timer`,
  /** Restores the latest backup to scratch and looks whether it is sound. */
  drill: {
    settingsFile: `${ETC}/pgbackrest/drill.json`,
    unit: 'pgscale-drill.service',
    timer: 'pgscale-drill.timer',
    stateDirectory: `${STATE_DIRECTORY}/drill`,
    /** How the last one ended. */
    outcomeFile: `${STATE_DIRECTORY}/drill/last.json`,
  },
  /** Debian's package makes it. */
  logDirectory: '/var/log/pgbackrest',
  spoolDirectory: `${STATE_DIRECTORY}/pgbackrest/spool`,
  lockDirectory: `${STATE_DIRECTORY}/pgbackrest/lock`,
} as const;

/** PostgreSQL roles that pgscale makes for itself. */
export const OWN_ROLES = {
  replication: 'pgscale_replication',
  rewind: 'pgscale_rewind',
  poolerAuth: 'pgscale_pooler',
} as const;

/** Schema of pgscale's own functions (the pooler's look-up among them), in every database of the spec. */
export const OWN_SCHEMA = 'pgscale';
