import { quote, sh, type Command } from '../../host/command.ts';
import type { Host } from '../../host/host.ts';
import { renderTemplate } from '../../resources/template.ts';
import { HAPROXY, PATRONI, PGBOUNCER } from '../../spec/layout.ts';
import type { Spec } from '../../spec/schema.ts';
import { dataDirectory, endpoint } from '../../spec/topology.ts';
import { AUTH_DATABASE } from './settings.ts';
import { POOLER_TIMINGS } from './timings.ts';

/** How long a valve holds, in seconds. */
export interface ValveTimings {
  /** Without a word from us for so long, the poolers are resumed. */
  readonly silenceSeconds: number;
  /** When our end is closed while poolers are paused (we were killed), what we began gets so long to end. */
  readonly graceSeconds: number;
  /** Poolers are never held longer. */
  readonly holdSeconds: number;
}

const VALVE_UNIT = 'pgscale-pooler-valve.service';
const VALVE_SCRIPT = '/run/pgscale/pooler-valve.sh';
/** Less than PgBouncer's query_wait_timeout, after which it turns waiting clients away. */
const BEFORE_CLIENTS_GIVE_UP_SECONDS = 5;

/** A killed command line costs clients at most grace (or silence) and a second; a switchover needs about two. Pure. */
export function valveTimings(spec: Spec): ValveTimings {
  const { queryWaitSeconds } = POOLER_TIMINGS[spec.failover.profile];
  return { silenceSeconds: 7, graceSeconds: 4, holdSeconds: queryWaitSeconds - BEFORE_CLIENTS_GIVE_UP_SECONDS };
}

/**
 * Starts the valve of a host: a unit of its own, which outlives our SSH session. However it ends, systemd resumes the
 * poolers afterwards. On standard input it takes, one a line:
 *
 * - `pause`, `resume`: all processes; each answers (`paused 1`), as it does once it is connected (`ready 1`)
 * - `steer OLD NEW`: tells HAProxy at once what its checks would find out later
 * - `follow OLD NEW`: makes the standby of this host stream from another address
 * - any other line: nothing, we are still there
 */
export function valveCommand(spec: Spec): Command {
  const options = ['--quiet', '--pipe', '--wait', '--collect', `--unit=${VALVE_UNIT}`];
  const last = `--property=ExecStopPost=/bin/bash ${VALVE_SCRIPT} resume`;
  return sh`mkdir -p /run/pgscale; systemctl stop ${VALVE_UNIT} 2>/dev/null
printf %s ${valveScript(spec)} >${VALVE_SCRIPT} && exec systemd-run ${options} ${last} /bin/bash ${VALVE_SCRIPT} hold`;
}

const RESUME_TIMER = 'pgscale-pooler-resume';

/** Sees to it that the poolers of a host are resumed after some time, whoever is there then. */
export async function armResumeTimer(host: Host, spec: Spec, afterSeconds: number): Promise<void> {
  const options = ['--quiet', '--collect', `--unit=${RESUME_TIMER}`, `--on-active=${afterSeconds}s`];
  await host.run(sh`mkdir -p /run/pgscale; systemctl stop ${RESUME_TIMER}.timer 2>/dev/null
printf %s ${valveScript(spec)} >${VALVE_SCRIPT} && systemd-run ${options} --timer-property=AccuracySec=100ms /bin/bash ${VALVE_SCRIPT} resume`);
}

/** Takes the timer back. */
export async function stopResumeTimer(host: Host): Promise<void> {
  await host.run(sh`systemctl stop ${RESUME_TIMER}.timer`, { okStatuses: 'any' });
}

/** The program of the valve. Pure. */
export function valveScript(spec: Spec): string {
  return renderTemplate('pgbouncer/valve.sh', {
    ...valveTimings(spec),
    port: endpoint(spec, 'pool').port,
    socketDirectories: PGBOUNCER.socketDirectories,
    statsSocket: HAPROXY.statsSocket,
    passFile: PATRONI.passFile,
    dataDirectory: quote(dataDirectory(spec)),
    pause: quote(statements('PAUSE', spec)),
    resume: quote(statements('RESUME', spec)),
  });
}

/**
 * The pools that lead to the primary, and that of the password look-up, so that new clients wait too. Those to the
 * standbys go on.
 */
export function heldDatabases(spec: Spec): string[] {
  return [...spec.databases.map(({ name }) => name), AUTH_DATABASE];
}

function statements(verb: 'PAUSE' | 'RESUME', spec: Spec): string {
  return heldDatabases(spec)
    .map((name) => `${verb} "${name.replaceAll('"', '""')}";`)
    .join(' ');
}
