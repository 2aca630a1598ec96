import prettyBytes from 'pretty-bytes';
import prettyMs from 'pretty-ms';

import { repositoryComplaint, stanzaState, type BackupInfo } from '../archive/repository-info.ts';
import type { Spec } from '../spec/schema.ts';
import type { ArchiveReport } from './archive-report.ts';
import { drillPicture, drillProblems } from './drill.ts';
import { primariesOf, type Reports } from './members.ts';
import type { ArchivePicture, Problem } from './picture.ts';

/** Longer than the week between two full backups of the default schedule. */
const OLD_BACKUP_MS = 8 * 86_400_000;
/** A segment that waits for so long beyond `archiveTimeoutSeconds` is not just on its way. */
const PATIENCE_SECONDS = 60;
/** The rest is for temporary files, logs and what else is on that disk: PostgreSQL stops when it cannot write WAL. */
const WAL_SHARE_OF_FREE = 0.9;

/** The archive as the hosts tell of it; null when the spec has no `backup`. Pure. */
export function archivePicture(spec: Spec, reports: Reports): ArchivePicture | null {
  if (spec.backup === undefined) return null;
  const all = [...reports.values()].flatMap(({ archive }) => archive ?? []);
  const [primary] = primariesOf(reports);
  const own = primary?.archive;
  return { ...repositoryView(all), ...archiverView(own), drill: drillPicture(reports) };
}

type RepositoryView = Pick<ArchivePicture, 'repositoryProblem' | 'lastBackup' | 'backupCount'>;

/** One host that can read the repository is enough; else what the first one says is wrong. */
function repositoryView(reports: readonly ArchiveReport[]): RepositoryView {
  const answers = reports.flatMap(({ repository }) => repository ?? []);
  const infos = answers.flatMap((answer) => (answer.isThere ? answer.info : []));
  const info = infos.find((each) => stanzaState(each) === 'there');
  if (info === undefined) {
    const [told] = infos.map(repositoryComplaint);
    const [why] = answers.flatMap((answer) => (answer.isThere ? [] : answer.why));
    const problem = told ?? why ?? 'no host could be asked';
    return { repositoryProblem: problem.split('\n')[0] ?? problem, lastBackup: null, backupCount: 0 };
  }
  const last = info.backup.toSorted((a, b) => a.timestamp.stop - b.timestamp.stop).at(-1);
  return {
    repositoryProblem: null,
    lastBackup: last === undefined ? null : shown(last),
    backupCount: info.backup.length,
  };
}

function shown({ label, type, timestamp }: BackupInfo): ArchivePicture['lastBackup'] {
  return { label, type, endedAt: new Date(timestamp.stop * 1000).toISOString() };
}

type ArchiverView = Omit<ArchivePicture, keyof RepositoryView | 'drill'>;

function archiverView(report: ArchiveReport | undefined): ArchiverView {
  const row = report?.archiver;
  const freeBytes = report?.freeBytes ?? null;
  if (row === undefined) {
    return {
      lastArchivedAt: null,
      isFailing: false,
      waiting: 0,
      waitingSeconds: null,
      walBytes: null,
      freeBytes,
      walLimitBytes: null,
      secondsUntilLimit: null,
    };
  }
  const { waiting, waitingSeconds, segmentBytes, walBytes } = row;
  const room = freeBytes === null ? null : Math.floor(freeBytes * WAL_SHARE_OF_FREE);
  const rate = waitingSeconds === null || waiting === 0 ? 0 : (waiting * segmentBytes) / Math.max(1, waitingSeconds);
  return {
    lastArchivedAt: row.lastArchivedAt,
    isFailing: row.isFailing,
    waiting,
    waitingSeconds,
    walBytes,
    freeBytes,
    walLimitBytes: room === null ? null : walBytes + room,
    secondsUntilLimit: rate === 0 || room === null ? null : Math.round(room / rate),
  };
}

/** What is wrong with the archive. Pure. */
export function archiveProblems(spec: Spec, archive: ArchivePicture | null, now: Date): Problem[] {
  if (archive === null || spec.backup === undefined) return [];
  const { repositoryProblem, lastBackup } = archive;
  const problems: Problem[] = [];
  const add = (id: string, text: string): number => problems.push({ id, severity: 'degraded', text });
  if (repositoryProblem !== null) add('repository-away', `the backup repository cannot be read: ${repositoryProblem}`);
  const stuck = stuckText(archive, spec.backup.archiveTimeoutSeconds);
  if (stuck !== undefined) add('archive-stuck', stuck);
  if (repositoryProblem === null && lastBackup === null)
    add('no-backup', 'there is no backup; `pgscale backup create`');
  if (lastBackup !== null && now.getTime() - Date.parse(lastBackup.endedAt) > OLD_BACKUP_MS) {
    add('backup-old', `the last backup, ${lastBackup.label}, is ${age(lastBackup.endedAt, now)} old`);
  }
  return [...problems, ...drillProblems(spec.backup.drill, archive.drill, now)];
}

/** WAL that does not leave the primary fills its disk; pgscale never drops any. */
function stuckText(archive: ArchivePicture, archiveTimeoutSeconds: number): string | undefined {
  const { waiting, waitingSeconds, walBytes, walLimitBytes, secondsUntilLimit, isFailing } = archive;
  const isLate = waitingSeconds !== null && waitingSeconds > archiveTimeoutSeconds + PATIENCE_SECONDS;
  if (waiting === 0 || (!isFailing && !isLate)) return undefined;
  const limit = walLimitBytes === null ? '' : ` of at most ${prettyBytes(walLimitBytes)}`;
  const size = walBytes === null ? '' : ` (pg_wal has ${prettyBytes(walBytes)}${limit})`;
  const left =
    secondsUntilLimit === null
      ? ''
      : `; at this rate the limit is reached in ${prettyMs(secondsUntilLimit * 1000, { unitCount: 2 })}`;
  return `WAL does not reach the repository: ${waiting} ${waiting === 1 ? 'segment waits' : 'segments wait'}${size}${left}`;
}

function age(at: string, now: Date): string {
  return prettyMs(now.getTime() - Date.parse(at), { unitCount: 1 });
}
