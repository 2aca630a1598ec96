import chalk from 'chalk';

import { bytes } from './bytes.ts';
import { right, table } from './table.ts';
import { duration, moment } from './time.ts';

export interface ShownBackup {
  readonly label: string;
  readonly type: string;
  readonly timeline: number;
  readonly startedAtMs: number;
  readonly stoppedAtMs: number;
  readonly databaseBytes: number;
  readonly copiedBytes: number;
  readonly storedBytes: number | null;
  readonly hasPageErrors: boolean;
}

interface ShownWindow {
  readonly timeline: number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly backups: readonly string[];
  readonly missing: string | null;
}

/** Backups, then the windows, the oldest first. */
export function renderBackups(list: {
  readonly cluster: string;
  readonly backups: readonly ShownBackup[];
  readonly windows: readonly ShownWindow[];
}): string {
  if (list.backups.length === 0) return 'No backup yet. Make one: pgscale backup create --type full';
  const rows = list.backups.map((each) => [
    each.label,
    each.type,
    each.timeline,
    moment(each.stoppedAtMs),
    duration(each.stoppedAtMs - each.startedAtMs),
    bytes(each.databaseBytes),
    bytes(each.copiedBytes),
    each.storedBytes === null ? '-' : bytes(each.storedBytes),
    each.hasPageErrors ? chalk.red('damaged pages') : '',
  ]);
  const columns = [
    'BACKUP',
    'TYPE',
    right('TIMELINE'),
    'ENDED',
    right('TOOK'),
    right('DATABASE'),
    right('COPIED'),
    right('STORED'),
    '',
  ];
  return [table(columns, rows), '', renderWindows(list.windows)].join('\n');
}

function renderWindows(windows: readonly ShownWindow[]): string {
  if (windows.length === 0) return chalk.red('Nothing can be restored: the WAL of every backup has gaps.');
  const rows = windows.map(({ timeline, fromMs, toMs, backups, missing }) => [
    timeline,
    moment(fromMs),
    moment(toMs),
    backups.length,
    missing === null ? '' : chalk.red(`gap: ${missing} is missing`),
  ]);
  const columns = [right('TIMELINE'), 'EVERY SECOND FROM', 'TO', right('BACKUPS'), ''];
  return `${table(columns, rows)}\n${chalk.dim('Times in UTC.')}`;
}

/** What was made, and how fast. */
export function renderCreated(created: {
  readonly host: string;
  readonly backup: ShownBackup;
  readonly bytesPerSecond: number;
  readonly durationMs: number;
}): string {
  const { backup, host, bytesPerSecond, durationMs } = created;
  const stored = backup.storedBytes === null ? '' : `, ${bytes(backup.storedBytes)} in the repository`;
  return [
    `${chalk.green('✓')} ${chalk.bold(backup.label)} (${backup.type}) from ${host} in ${duration(durationMs)}`,
    `  copied ${bytes(backup.copiedBytes)} of ${bytes(backup.databaseBytes)}${stored}, ${bytes(bytesPerSecond)}/s`,
  ].join('\n');
}

export function renderVerified({ isSound, findings }: { isSound: boolean; findings: readonly string[] }): string {
  const verdict = isSound
    ? `${chalk.green('✓')} Every file of the repository is as it was stored.`
    : chalk.red('✖ The repository is damaged; the backups that are named cannot be relied on. Make a full one now.');
  return [...findings, verdict].join('\n');
}

export function renderExpired(expired: {
  readonly isDryRun: boolean;
  readonly removed: readonly string[];
  readonly kept: readonly string[];
}): string {
  const { isDryRun, removed, kept } = expired;
  if (removed.length === 0) return `Nothing to remove; ${kept.length} kept.`;
  return `${isDryRun ? 'Would remove' : 'Removed'} ${removed.join(', ')}; ${kept.length} kept.`;
}

export function renderBackupCheck({
  hosts,
}: {
  readonly hosts: readonly { host: string; role: string; version: string | null; problem: string | null }[];
}): string {
  const rows = hosts.map(({ host, role, version, problem }) => [
    host,
    role,
    version ?? '-',
    problem === null
      ? chalk.green(role === 'primary' ? '✓ a segment of WAL arrived' : '✓ reads the repository')
      : chalk.red(problem),
  ]);
  return table(['HOST', 'ROLE', 'PGBACKREST', 'REPOSITORY'], rows);
}
