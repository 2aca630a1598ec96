import type { Backup } from '../../archive/catalogue.ts';
import { pgbackrest, readRepository } from '../../components/pgbackrest/client.ts';
import { PgscaleError } from '../../errors/pgscale-error.ts';
import type { Host } from '../../host/host.ts';
import { followJob, jobState, startJob } from '../../host/job.ts';
import { runStages, type RunOptions } from '../../run/run-stages.ts';
import type { Progress } from '../../resources/resource.ts';
import { audited } from '../audited.ts';
import { connectedDatabaseHosts, type ClusterSession } from '../cluster-session.ts';
import { CopyMeter } from '../copy-meter.ts';
import { filesLine } from '../files-line.ts';
import { readBackups } from './read-catalogue.ts';
import { backupHost, backupSpecOf } from './session.ts';

export type BackupType = Backup['type'];

export interface CreateOptions {
  type: BackupType;
  /** The host that makes it; default: a standby. */
  from?: string | undefined;
  run: RunOptions;
}

/** A backup that was just made. */
export interface Created {
  readonly host: string;
  readonly backup: Backup;
  /** Of what was copied, over the whole time that pgBackRest took. */
  readonly bytesPerSecond: number;
  readonly durationMs: number;
}

const BACKUP_JOB = 'backup';
/** As long as the largest database may take; a job that hangs is ended by pgBackRest's own timeouts. */
const BACKUP_DEADLINE_MS = 48 * 3_600_000;

/**
 * Makes a backup, as a job on the host that goes on without us; one that was begun before is followed. pgBackRest itself
 * sees to it that no two run at once, wherever they were started.
 *
 * @throws PgscaleError PGS_NO_BACKUP, PGS_NO_LEADER, PGS_JOB_FAILED (with pgBackRest's last words), PGS_REPOSITORY
 */
export async function createBackup(session: ClusterSession, { type, from, run }: CreateOptions): Promise<Created> {
  const { cluster } = session.spec;
  backupSpecOf(session.spec);
  const running = await runningBackup(session);
  const host = running ?? (await backupHost(session, from));
  const startedAt = performance.now();
  const step = {
    id: 'backup',
    title: running === undefined ? `Backup (${type}) on ${host.name}` : `Backup that runs on ${host.name} already`,
    host: host.name,
    deadlineMs: BACKUP_DEADLINE_MS,
    run: async (report: Progress['report'], signal: AbortSignal) => makeBackup(host, cluster, type, { report, signal }),
  };
  await audited(session, { command: 'backup create', changes: [`${type} backup on ${host.name}`] }, () =>
    runStages([{ title: 'Backup', steps: [step] }], run),
  );
  const durationMs = Math.round(performance.now() - startedAt);
  const backup = await newest(host, cluster);
  const seconds = Math.max(1, (backup.stoppedAtMs - backup.startedAtMs) / 1000);
  return { host: host.name, backup, bytesPerSecond: backup.copiedBytes / seconds, durationMs };
}

async function runningBackup(session: ClusterSession): Promise<Host | undefined> {
  const hosts = connectedDatabaseHosts(session);
  const states = await Promise.all(hosts.map((host) => jobState(host, BACKUP_JOB)));
  return hosts.find((_, index) => states[index]?.state === 'running');
}

/** Begins a backup, which goes on without us; one that runs already is left alone. */
export async function beginBackup(host: Host, stanza: string, type: BackupType): Promise<void> {
  const { script } = pgbackrest(stanza, 'backup', `--type=${type}`, '--log-level-console=detail');
  await startJob(host, { name: BACKUP_JOB, script: `exec ${script}` });
}

async function makeBackup(host: Host, stanza: string, type: BackupType, { report, signal }: Progress): Promise<void> {
  await beginBackup(host, stanza, type);
  report('waiting for a checkpoint, and for the standby to have replayed it');
  const meter = new CopyMeter();
  let totalBytes: number | undefined;
  // Asked until it is told, and no longer: each answer takes a look into the repository.
  const onPoll = async (): Promise<void> => {
    const answer = totalBytes === undefined ? await readRepository(host, stanza) : undefined;
    if (answer?.isThere === true) totalBytes = answer.info.status.lock.backup.size ?? undefined;
  };
  const onProgress = (log: string): void => {
    const line = filesLine({ log, totalBytes }, meter, performance.now());
    if (line !== undefined) report(line);
  };
  await followJob(host, BACKUP_JOB, { deadlineMs: BACKUP_DEADLINE_MS, signal, onPoll, onProgress });
}

async function newest(host: Host, stanza: string): Promise<Backup> {
  const backups = await readBackups(host, stanza);
  const [last] = backups.toSorted((a, b) => b.stoppedAtMs - a.stoppedAtMs);
  if (last !== undefined) return last;
  throw new PgscaleError('PGS_BACKUP_FAILED', { what: 'the backup ended well, but the repository has none' });
}
