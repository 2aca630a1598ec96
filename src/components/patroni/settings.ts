import type { CandidateSettings } from '../../agent/candidate.ts';
import { hostPort } from '../../spec/address.ts';
import { AGENT, OWN_ROLES, PATRONI, PGBACKREST, PKI, POSTGRES, STATE_DIRECTORY } from '../../spec/layout.ts';
import { initdbOptions, type InitdbOption } from '../../spec/locale.ts';
import { patroniAccess, patroniUrl } from '../../spec/services.ts';
import { dataDirectory, etcdHosts, hostsWithRole } from '../../spec/topology.ts';
import type { Target } from '../component.ts';
import { sharedConfig, type SharedConfig } from './shared-config.ts';

/** Patroni keeps the passfile of the walreceiver here. */
export const PATRONI_STATE_DIRECTORY = `${STATE_DIRECTORY}/patroni`;

/** What templates/patroni/patroni.yml.hbs is filled with. */
export interface PatroniSettings {
  readonly scope: string;
  readonly namespace: string;
  readonly name: string;
  readonly restAddress: string;
  readonly restUser: string;
  readonly restPassword: string;
  /** Addresses that may use the unsafe half of the REST API. */
  readonly allowed: readonly string[];
  readonly shared: SharedConfig;
  readonly initdb: readonly InitdbOption[];
  readonly listen: string;
  readonly connectAddress: string;
  readonly dataDirectory: string;
  readonly passFile: string;
  readonly baseBackup: readonly (string | Record<string, string>)[];
  readonly replication: { readonly user: string; readonly password: string };
  readonly rewind: { readonly user: string; readonly password: string };
  readonly postgres: typeof POSTGRES;
  readonly pki: typeof PKI;
  /** A command that Patroni runs before it stops PostgreSQL. */
  readonly beforeStop: string;
  /** A command that Patroni runs before it promotes this member; it does not when that fails. */
  readonly prePromote: string;
  /** What Patroni runs when this member was promoted or demoted; empty when the spec has no `backup`. */
  readonly onRoleChange: string;
}

/** What Patroni is told on this host. Pure. */
export function patroniSettings({ spec, host, secrets }: Target): PatroniSettings {
  const { port } = spec.postgres;
  const rate = spec.replication.seedMaxRateMbPerSecond;
  return {
    scope: spec.cluster,
    namespace: PATRONI.dcsNamespace,
    name: host.name,
    restAddress: hostPort(host.address, spec.failover.restPort),
    restUser: PATRONI.restUser,
    restPassword: secrets.passwords.patroniRest,
    allowed: spec.hosts.map(({ address }) => address),
    shared: sharedConfig(spec),
    initdb: initdbOptions(spec.postgres.locale),
    listen: `localhost,${hostPort(host.address, port)}`,
    connectAddress: hostPort(host.address, port),
    dataDirectory: dataDirectory(spec),
    passFile: PATRONI.passFile,
    baseBackup: [{ checkpoint: 'fast' }, ...(rate === undefined ? [] : [{ 'max-rate': `${rate}M` }])],
    replication: { user: OWN_ROLES.replication, password: secrets.passwords.replication },
    rewind: { user: OWN_ROLES.rewind, password: secrets.passwords.rewind },
    postgres: POSTGRES,
    pki: PKI,
    beforeStop: beforeStop(dataDirectory(spec)),
    prePromote: prePromote(),
    onRoleChange:
      spec.backup === undefined
        ? ''
        : `${AGENT.runtime} ${AGENT.programFile} hand-over-archive ${PGBACKREST.archiveFile}`,
  };
}

/** What the check of a candidate on this host is told. Pure. */
export function candidateSettings({ spec, host }: Pick<Target, 'spec' | 'host'>): CandidateSettings {
  const others = hostsWithRole(spec, 'database').filter(({ name }) => name !== host.name);
  return {
    rest: patroniAccess(spec, host),
    others: others.map((each) => ({ member: each.name, url: patroniUrl(spec, each) })),
  };
}

/** What templates/patroni/etcd.yml.hbs is filled with. */
export interface PatroniEtcdSettings {
  readonly etcdHosts: readonly string[];
  readonly pki: typeof PKI;
}

/** Where Patroni on this host finds etcd. Pure. */
export function patroniEtcdSettings({ spec, host }: Pick<Target, 'spec' | 'host'>): PatroniEtcdSettings {
  return {
    etcdHosts: etcdHosts(spec, host).map(({ address }) => hostPort(address, spec.dcs.clientPort)),
    pki: PKI,
  };
}

/**
 * Stops PostgreSQL at once if the primary is being moved: pg_ctl sees within 0.1 s that it has stopped, Patroni within 1 s.
 * pg_ctl goes by the pid file, which goes a moment before the process, and a process that is still there costs the second
 * after all: so its end is waited for, too.
 */
function beforeStop(directory: string): string {
  const stop = `${POSTGRES.binDirectory}/pg_ctl stop --silent --mode=fast --timeout=5 --pgdata=${directory}`;
  const gone = 'timeout 1 tail --pid="$pid" --sleep-interval=0.02 -f /dev/null';
  const isNotMoving = `test -z "$(find ${PATRONI.moveMark} -mmin -1 2>/dev/null)"`;
  return `sh -c '${isNotMoving} || { read -r pid <${directory}/postmaster.pid; ${stop}; ${gone}; }'`;
}

/** Only a switchover names a candidate: whoever is elected has been compared with the others, and that takes no time here. */
function prePromote(): string {
  const isNotCandidate = `test -z "$(find ${PATRONI.candidateMark} -mmin -5 2>/dev/null)"`;
  return `sh -c '${isNotCandidate} || exec ${AGENT.runtime} ${AGENT.programFile} may-lead ${PATRONI.candidateFile}'`;
}
