import { setTimeout as sleep } from 'node:timers/promises';

import { PgscaleError } from '../errors/pgscale-error.ts';
import { sh } from './command.ts';
import type { Host } from './host.ts';
import { jobLog, jobState, jobUnit, type JobState } from './job-state.ts';

export { jobState };

export interface JobDefinition {
  /** Short, of letters, digits and dashes: the unit is `pgscale-<name>.service`. */
  name: string;
  /** A POSIX shell script. It may hold secrets: it is in a file that only its user can read, until it has started. */
  script: string;
  /** The user who runs it. Default: root. */
  as?: string;
  /** Of its unit, as in `ProtectSystem=strict`. */
  properties?: readonly string[];
}

/**
 * Starts a job that goes on without us, as a unit of systemd with its log in /var/log/pgscale/jobs. One that is running
 * under this name is left alone; the result of one that has ended is forgotten.
 */
export async function startJob(host: Host, job: JobDefinition): Promise<void> {
  const { name, as = 'root', properties = [] } = job;
  const directory = `/run/pgscale/jobs/${name}`;
  const script = `export LC_ALL=C.UTF-8\nrm -f -- ${directory}/script\n${job.script}\n`;
  const unit = jobUnit(name);
  await host.run(
    sh`case $(systemctl show -p SubState --value ${unit}) in dead | exited | failed) ;; *) exit 0 ;; esac
set -e
mkdir -p -m 0755 /run/pgscale
mkdir -p -m 0711 /run/pgscale/jobs
mkdir -p -m 0750 /var/log/pgscale /var/log/pgscale/jobs
rm -rf ${directory}
install -d -m 0700 ${directory}
umask 077
cat >${directory}/script
[ "$(stat -c %s ${directory}/script)" = ${Buffer.byteLength(script)} ]
chown -R ${as}: ${directory}
systemctl stop ${unit} 2>/dev/null || true
systemctl reset-failed ${unit} 2>/dev/null || true
systemd-run --quiet --unit=${unit} --description=${`pgscale job ${name}`} --property=Type=exec --property=RemainAfterExit=yes --property=User=${as} --property=StandardOutput=truncate:${jobLog(name)} ${properties.map((each) => `--property=${each}`)} -- /bin/sh ${directory}/script`,
    { stdin: script, secret: true },
  );
}

/** systemd hears of the end of a process a moment later than who waits for it. */
const PAUSE_MS = 20;

export interface FollowOptions {
  deadlineMs: number;
  /** How often we hear of a job that goes on; of its end we hear at once. Default 1000. */
  pollMs?: number;
  /** The host may be out of reach for so long before we give up; the job goes on. Default 25,000. */
  silenceMs?: number;
  signal?: AbortSignal;
  /** Called with the last lines of the log, when they change. */
  onProgress?: (logTail: string) => void;
  /** Called as often, beside the wait; what it throws does not end that, because only the job itself can fail. */
  onPoll?: () => Promise<void>;
}

/**
 * Waits for the end of a job; the connection may break meanwhile. Gives the last lines of its log.
 * @throws PgscaleError PGS_JOB_FAILED, PGS_JOB_LOST, PGS_REMOTE_DEADLINE, PGS_HOST_UNREACHABLE (longer than `silenceMs`)
 */
export async function followJob(host: Host, name: string, options: FollowOptions): Promise<string> {
  const { deadlineMs, pollMs = 1000, onPoll } = options;
  const endsAt = performance.now() + deadlineMs;
  const ended = new AbortController();
  if (onPoll !== undefined) void keepPolling(onPoll, pollMs, ended.signal);
  try {
    return await untilEnd(host, name, { ...options, pollMs, endsAt });
  } finally {
    ended.abort();
  }
}

async function untilEnd(
  host: Host,
  name: string,
  {
    pollMs,
    endsAt,
    deadlineMs,
    silenceMs = 25_000,
    onProgress,
    signal,
  }: FollowOptions & { pollMs: number; endsAt: number },
): Promise<string> {
  let heardAt = performance.now();
  let log = '';
  let early = 0;
  for (;;) {
    const askedAt = performance.now();
    const job = await look(host, name, { waitMs: pollMs, mayBeSilent: () => performance.now() - heardAt < silenceMs });
    if (job !== undefined) {
      heardAt = performance.now();
      const tail = logOfLiving(host, name, job);
      if (tail !== log) onProgress?.(tail);
      log = tail;
      if (job.state === 'succeeded') return log;
    }
    if (signal?.aborted === true) throw interrupted(host, name);
    if (performance.now() > endsAt) throw jobOverdue(host, name, deadlineMs, log);
    early = performance.now() - askedAt < pollMs / 2 ? early + 1 : 0;
    await sleep(pauseMs(job !== undefined && early < 2, pollMs));
  }
}

/** The host waits for the end, not we; unless it does not answer, or there is no process any more and the unit still ends. */
function pauseMs(isHostWaiting: boolean, pollMs: number): number {
  return isHostWaiting ? Math.min(pollMs, PAUSE_MS) : pollMs;
}

async function keepPolling(onPoll: () => Promise<void>, pollMs: number, signal: AbortSignal): Promise<void> {
  for (;;) {
    await sleep(pollMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    await onPoll().catch(() => undefined);
  }
}

export interface JoinOptions extends FollowOptions {
  /** Called when there is one to wait for. */
  onJoin?: () => void;
}

/**
 * Waits for a job that an earlier run of pgscale left running, if one is; true when it was. To be asked before looking at
 * what there is to do: a job that ends between the look and `startJob` would be begun a second time.
 * @throws PgscaleError as `followJob`
 */
export async function joinJob(host: Host, name: string, { onJoin, ...options }: JoinOptions): Promise<boolean> {
  if ((await jobState(host, name)).state !== 'running') return false;
  onJoin?.();
  await followJob(host, name, options);
  return true;
}

/** The log of a job that runs or has succeeded; nobody has to wait for any other. */
function logOfLiving(host: Host, name: string, job: JobState): string {
  if (job.state === 'failed') throw jobFailed(host, name, job);
  if (job.state === 'absent') throw jobLost(host, name);
  return job.log;
}

const PASSING = new Set(['PGS_HOST_UNREACHABLE', 'PGS_REMOTE_DEADLINE']);

/** The job's state, or undefined while the host is out of reach and that may be. */
async function look(
  host: Host,
  name: string,
  { waitMs, mayBeSilent }: { waitMs: number; mayBeSilent: () => boolean },
): Promise<JobState | undefined> {
  try {
    return await jobState(host, name, waitMs);
  } catch (error) {
    if (error instanceof PgscaleError && PASSING.has(error.code) && mayBeSilent()) return undefined;
    throw error;
  }
}

/** Forgets a job that has ended. One that is running is left alone. */
export async function clearJob(host: Host, name: string): Promise<void> {
  const unit = jobUnit(name);
  await host.run(
    sh`case $(systemctl show -p SubState --value ${unit}) in exited) systemctl stop ${unit} ;; failed) systemctl reset-failed ${unit} ;; esac`,
  );
}

function jobFailed(host: Host, name: string, job: Extract<JobState, { state: 'failed' }>): PgscaleError {
  const how = job.result === 'exit-code' ? `with status ${job.exitCode}` : `(${job.result})`;
  return new PgscaleError('PGS_JOB_FAILED', {
    what: `the job ${name} on ${host.name} failed ${how}`,
    host: host.name,
    why: job.log,
    details: { job: name, exitCode: job.exitCode, log: jobLog(name) },
  });
}

function jobLost(host: Host, name: string): PgscaleError {
  return new PgscaleError('PGS_JOB_LOST', { what: `the job ${name} on ${host.name} is gone`, host: host.name });
}

function jobOverdue(host: Host, name: string, deadlineMs: number, log: string): PgscaleError {
  return new PgscaleError('PGS_REMOTE_DEADLINE', {
    what: `the job ${name} on ${host.name} did not end within ${Math.round(deadlineMs / 1000)} s; it goes on`,
    host: host.name,
    why: log,
  });
}

function interrupted(host: Host, name: string): PgscaleError {
  return new PgscaleError('PGS_INTERRUPTED', {
    what: `no longer waiting for the job ${name} on ${host.name}; it goes on`,
    host: host.name,
    next: ['Run the same command again: it finds the job and goes on.'],
  });
}
