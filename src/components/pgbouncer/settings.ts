import { HAPROXY, OWN_ROLES, PGBOUNCER, PKI } from '../../spec/layout.ts';
import type { Spec } from '../../spec/schema.ts';
import { endpoint } from '../../spec/topology.ts';
import type { Target } from '../component.ts';
import { POOLER_TIMINGS, type PoolerTimings } from './timings.ts';

/** Descriptors that a process needs beside clients and servers: listeners, logs, TLS files, cancel requests. */
const SPARE_FILES = 256;
const AUTO_PROCESSES_MAX = 4;
const OPEN_FILES_MIN = 16_384;

/** One line of [databases]. */
export interface PoolerDatabase {
  readonly name: string;
  readonly database: string;
  readonly port: number;
  readonly poolSize: number;
}

/** What the templates in templates/pgbouncer are filled with. */
export interface PoolerSettings {
  readonly processes: readonly { readonly id: number; readonly socketDirectory: string }[];
  readonly mode: Spec['pooler']['mode'];
  readonly listenAddresses: string;
  readonly port: number;
  readonly databases: readonly PoolerDatabase[];
  /** Per process. */
  readonly clients: number;
  /** What the spec asks for per process, when the host's limit of open files allows less. */
  readonly clientsWanted: number | undefined;
  readonly openFiles: number;
  /** Per process and database. */
  readonly poolSize: number;
  readonly timings: PoolerTimings;
  readonly userlist: string;
  readonly authUser: string;
  readonly pki: typeof PKI;
}

/** The kernel deals connections out by a hash (SO_REUSEPORT), so that one process gets more than its share. */
const UNEVEN_PERCENT = 110;

/** The entry of [databases] in which passwords are looked up; its server is anyone who can answer. */
export const AUTH_DATABASE = 'pgscale_auth';
/** The real database that holds the look-up function. */
export const LOOKUP_DATABASE = 'postgres';

/** What the poolers of this host are told. Pure. */
export function poolerSettings(target: Target): PoolerSettings {
  const { spec, host, facts } = target;
  const count = processCount(spec, facts.cpuCount);
  const names = spec.databases.map((each) => each.name);
  const poolSize = Math.max(2, Math.floor(spec.pooler.backends / count / Math.max(1, names.length)));
  const clientsWanted = Math.ceil((spec.pooler.clients * (count > 1 ? UNEVEN_PERCENT : 100)) / (100 * count));
  const servers = (2 * names.length + 1) * poolSize;
  const clients = Math.max(10, Math.min(clientsWanted, facts.openFilesMax - servers - SPARE_FILES));
  const { port, vip } = endpoint(spec, 'pool');
  return {
    processes: Array.from({ length: count }, (_, index) => ({
      id: index + 1,
      socketDirectory: PGBOUNCER.socketDirectory(index + 1),
    })),
    mode: spec.pooler.mode,
    listenAddresses: [...new Set([host.address, '127.0.0.1', ...(vip === undefined ? [] : [vip])])].join(','),
    port,
    databases: databases(names, poolSize),
    clients,
    clientsWanted: clients < clientsWanted ? clientsWanted : undefined,
    openFiles: Math.min(facts.openFilesMax, openFiles(2 * clients + servers + SPARE_FILES)),
    poolSize,
    timings: POOLER_TIMINGS[spec.failover.profile],
    userlist: `${PGBOUNCER.configDirectory}/userlist.txt`,
    authUser: OWN_ROLES.poolerAuth,
    pki: PKI,
  };
}

function processCount(spec: Spec, cpuCount: number): number {
  return spec.pooler.processes === 'auto' ? Math.min(AUTO_PROCESSES_MAX, Math.max(1, cpuCount)) : spec.pooler.processes;
}

/** In powers of two, because a change of it restarts the poolers: small changes of the spec must not. */
function openFiles(needed: number): number {
  return Math.max(OPEN_FILES_MIN, 2 ** Math.ceil(Math.log2(needed)));
}

/** Each database under its own name leads to the primary, and as `<name>_ro` to the nearest standby. */
function databases(names: readonly string[], poolSize: number): PoolerDatabase[] {
  const { primary, replica, any } = HAPROXY.localPorts;
  const readWrite = names.map((name) => ({ name, database: name, port: primary, poolSize }));
  const readOnly = names
    .filter((name) => !names.includes(`${name}_ro`))
    .map((name) => ({ name: `${name}_ro`, database: name, port: replica, poolSize }));
  return [...readWrite, ...readOnly, { name: AUTH_DATABASE, database: LOOKUP_DATABASE, port: any, poolSize: 2 }];
}

/** The userlist: only the role that looks up all others. Quotes are doubled, as PgBouncer wants it. */
export function userlist(target: Target): string {
  const word = (text: string): string => `"${text.replaceAll('"', '""')}"`;
  return `${word(OWN_ROLES.poolerAuth)} ${word(target.secrets.passwords.poolerAuth)}\n`;
}
