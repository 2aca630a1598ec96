import type { ValveSettings, ValveTimings } from '../../agent/valve/settings.ts';
import { sh, type Command } from '../../host/command.ts';
import type { Host } from '../../host/host.ts';
import { AGENT, HAPROXY, OWN_ROLES, PATRONI, PGBOUNCER, PKI, POSTGRES } from '../../spec/layout.ts';
import type { Spec } from '../../spec/schema.ts';
import { dataDirectory } from '../../spec/topology.ts';
import type { Target } from '../component.ts';
import { AUTH_DATABASE, LOOKUP_DATABASE, poolerSettings } from './settings.ts';
import { POOLER_TIMINGS } from './timings.ts';

/** Less than PgBouncer's query_wait_timeout, after which it turns waiting clients away. */
const BEFORE_CLIENTS_GIVE_UP_MS = 5000;
const RESUME_TIMER = 'pgscale-pooler-resume';

/** What the valve of this host is told. Pure. */
export function valveSettings(target: Target): ValveSettings {
  const { spec } = target;
  const { port, poolSize, userlist } = poolerSettings(target);
  return {
    pooler: {
      user: POSTGRES.user,
      port,
      socketDirectories: PGBOUNCER.socketDirectories,
      databases: heldDatabases(spec),
      poolSize,
    },
    proxy: { socket: HAPROXY.socket, backend: 'postgres_primary' },
    door: {
      port: HAPROXY.localPorts.primary,
      database: LOOKUP_DATABASE,
      user: OWN_ROLES.poolerAuth,
      userlist,
      ca: PKI.ca,
    },
    postgres: { dataDirectory: dataDirectory(spec), passFile: PATRONI.passFile },
    moveMark: PATRONI.moveMark,
    candidateMark: PATRONI.candidateMark,
    timings: valveTimings(spec),
  };
}

/** A killed command line costs clients at most grace (or silence) and the resume; a switchover needs about one second. Pure. */
export function valveTimings(spec: Spec): ValveTimings {
  const { queryWaitSeconds } = POOLER_TIMINGS[spec.failover.profile];
  return { silenceMs: 7000, graceMs: 4000, holdMs: queryWaitSeconds * 1000 - BEFORE_CLIENTS_GIVE_UP_MS };
}

/** What resuming takes once a valve has ended, with a second try by systemd. */
const RESUME_MS = 3000;

/** How long clients wait at most, in seconds, when their host does not hear from us any more. Pure. */
export function resumedWithinSeconds(spec: Spec): number {
  const { silenceMs, graceMs } = valveTimings(spec);
  return Math.ceil((Math.max(silenceMs, graceMs) + RESUME_MS) / 1000);
}

/**
 * The pools that lead to the primary, and that of the password look-up, so that new clients wait too. Those to the
 * standbys go on.
 */
export function heldDatabases(spec: Spec): string[] {
  return [...spec.databases.map(({ name }) => name), AUTH_DATABASE];
}

/**
 * Starts the valve of a host (src/agent/valve/valve.ts): a unit of its own, which outlives our SSH session. However it
 * ends, systemd resumes the poolers afterwards.
 */
export function valveCommand(): Command {
  const { valveUnit } = PGBOUNCER;
  const options = ['--quiet', '--pipe', '--wait', '--collect', `--unit=${valveUnit}`, '--nice=-10'];
  const last = `--property=ExecStopPost=${agent('resume-poolers').join(' ')}`;
  return sh`systemctl stop ${valveUnit} 2>/dev/null
exec systemd-run ${options} ${last} ${agent('valve')}`;
}

/** Sees to it that the poolers of a host are resumed after some time, whoever is there then. */
export async function armResumeTimer(host: Host, afterSeconds: number): Promise<void> {
  const options = ['--quiet', '--collect', `--unit=${RESUME_TIMER}`, `--on-active=${afterSeconds}s`];
  await host.run(sh`systemctl stop ${RESUME_TIMER}.timer 2>/dev/null
systemd-run ${options} --timer-property=AccuracySec=100ms ${agent('resume-poolers')}`);
}

/** Takes the timer back. */
export async function stopResumeTimer(host: Host): Promise<void> {
  await host.run(sh`systemctl stop ${RESUME_TIMER}.timer`, { okStatuses: 'any' });
}

function agent(program: 'valve' | 'resume-poolers'): string[] {
  return [AGENT.runtime, '--max-old-space-size=48', AGENT.programFile, program, PGBOUNCER.valveFile];
}
