import chalk from 'chalk';

import { bytes } from './bytes.ts';
import { table } from './table.ts';
import { duration } from './time.ts';

export interface ShownCandidate {
  readonly name: string;
  readonly timeline: number | null;
  readonly position: number | null;
  readonly gapBytes: number | null;
  readonly gapSeconds: number | null;
  readonly isSynchronous: boolean;
  readonly excluded: string | null;
}

const NONE = '–';

/** The candidates, the best first. */
export function renderCandidates(candidates: readonly ShownCandidate[]): string {
  const rows = candidates.map((each) => [
    each.name,
    each.isSynchronous ? 'yes' : 'no',
    each.timeline === null ? NONE : String(each.timeline),
    each.position === null ? NONE : lsn(each.position),
    gap(each),
    each.gapSeconds === null ? NONE : duration(each.gapSeconds * 1000),
    each.excluded === null ? chalk.green('can lead') : chalk.red(each.excluded),
  ]);
  return table(['member', 'synchronous', 'TL', 'position', 'gap', 'last commit', 'verdict'], rows);
}

function gap({ gapBytes, position }: ShownCandidate): string {
  if (gapBytes === 0) return 'none';
  if (gapBytes === null) return position === null ? NONE : 'not known';
  return `≥ ${bytes(gapBytes)}`;
}

/** A position as PostgreSQL writes it: `0/51CC1E0`. */
export function lsn(position: number): string {
  const low = position % 2 ** 32;
  return `${Math.floor(position / 2 ** 32).toString(16)}/${low.toString(16)}`.toUpperCase();
}

/** The outcome. */
export function renderFailover({ to, durationMs }: { to: ShownCandidate; durationMs: number }): string {
  const lost = to.gapBytes === 0 ? 'nothing that was acknowledged is lost' : 'what it did not have is lost';
  return `${chalk.green('✓')} ${chalk.bold(to.name)} is the primary (${duration(durationMs)}); ${lost}`;
}

export interface ShownWhy {
  readonly leader: string | null;
  readonly reasons: readonly { readonly text: string; readonly next: string }[];
  readonly candidates: readonly ShownCandidate[];
}

export function renderWhy({ leader, reasons, candidates }: ShownWhy): string {
  const lines = reasons.map(({ text, next }) => `${chalk.red('✖')} ${text}\n    ${chalk.dim('→')} ${next}`);
  if (leader !== null) return [`${chalk.green('✓')} ${chalk.bold(leader)} leads and takes writes`, ...lines].join('\n');
  return [chalk.bold('No member leads'), ...lines, '', renderCandidates(candidates)].join('\n');
}
