import chalk from 'chalk';

import { bytes } from './bytes.ts';
import { problemLine, type ShownProblem } from './problem.ts';
import { duration } from './time.ts';

interface ShownPreview {
  readonly table: string;
  readonly isPartitioned: boolean;
  readonly problems: readonly ShownProblem[];
  readonly rows: number;
  readonly bytes: number;
  readonly indexBytes: number;
  readonly etaMs: number;
  readonly partition: { readonly name: string; readonly before: string } | null;
  readonly statements: readonly string[];
}

interface ShownStep {
  readonly kind: string;
  readonly durationMs: number;
  readonly attempts: number;
}

const STEPS: Readonly<Record<string, string>> = {
  uncheck: 'the CHECK of an adoption that was left for too long is dropped',
  index: 'unique index with the partition key',
  check: 'CHECK, for new rows',
  validate: 'CHECK, for all rows',
  parent: 'partitioned table beside it',
  swap: 'swap',
  analyze: 'statistics of the partitioned table',
  revert: 'taken back',
};

/** What an adoption would meet, change and, on demand, run. */
export function renderAdoptPreview(preview: ShownPreview, { sql }: { sql: boolean }): string {
  const { table, rows, problems, partition, statements } = preview;
  if (preview.isPartitioned) return `${table} is partitioned already.`;
  const size = `about ${rows} rows, ${bytes(preview.bytes)} and ${bytes(preview.indexBytes)} of indexes`;
  return [
    `${chalk.bold(table)}  ${size}, some ${duration(preview.etaMs)} of work`,
    ...(partition === null ? [] : [`becomes ${partition.name}, with everything before ${partition.before}`]),
    ...problems.map(problemLine),
    ...(sql ? statements : []),
  ].join('\n');
}

/** One step that was done. */
export function renderAdoptStep({ kind, durationMs, attempts }: ShownStep): string {
  const tries = attempts > 1 ? `, ${attempts} attempts` : '';
  return ` ${chalk.green('✓')} ${STEPS[kind] ?? kind} (${duration(durationMs)}${tries})`;
}

/** How far a long step is. */
export function renderProgress(progress: string): string {
  return chalk.dim(`   ${progress}`);
}

/** How it ended. */
export function renderAdopted(
  {
    table,
    isDone,
    steps,
    durationMs,
  }: { table: string; isDone: boolean; steps: readonly unknown[]; durationMs: number },
  isRevert: boolean,
): string {
  if (isRevert) return steps.length === 0 ? 'Nothing had been done.' : `${table} is as it was.`;
  if (!isDone) return `Stopped. The same again goes on; --revert takes everything back.`;
  return `${table} is partitioned (${duration(durationMs)}). \`pgscale partition list ${table}\` shows it.`;
}
