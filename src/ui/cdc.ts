import chalk from 'chalk';

import { bytes } from './bytes.ts';
import { problemLine, type ShownProblem } from './problem.ts';
import { right, table } from './table.ts';
import { duration } from './time.ts';

interface ShownSlot {
  readonly name: string;
  readonly plugin: string;
  readonly database: string;
  readonly isActive: boolean;
  readonly isFailover: boolean;
  readonly confirmedLsn: string | null;
  readonly behindBytes: number | null;
  readonly behindSeconds: number | null;
  readonly retainedBytes: number | null;
  readonly limitBytes: number | null;
  readonly retainedShare: number | null;
  readonly walStatus: string | null;
  readonly syncedOn: readonly string[];
}

interface ShownStream {
  readonly name: string;
  readonly plugin: string;
  readonly database: string;
  readonly role: string;
  readonly tables: readonly string[];
  readonly hasSlot: boolean;
}

const NONE = '–';

/** The slots of the primary, then what is wrong with them. */
export function renderSlots(slots: readonly ShownSlot[], problems: readonly ShownProblem[]): string {
  const lines = problems.map(problemLine);
  if (slots.length === 0) return ['No logical slots.', ...lines].join('\n');
  const columns = ['slot', 'consumer', 'confirmed', right('behind'), right('keeps'), right('of'), 'wal', 'copies on'];
  const rows = slots.map((slot) => [
    slot.name,
    slot.isActive ? chalk.green('connected') : chalk.yellow('away'),
    slot.confirmedLsn ?? NONE,
    behind(slot),
    slot.retainedBytes === null ? NONE : bytes(slot.retainedBytes),
    slot.limitBytes === null ? NONE : `${bytes(slot.limitBytes)} (${Math.round((slot.retainedShare ?? 0) * 100)} %)`,
    slot.walStatus === 'lost' ? chalk.red('lost') : (slot.walStatus ?? NONE),
    slot.isFailover ? slot.syncedOn.join(', ') || chalk.red('none') : chalk.yellow('does not fail over'),
  ]);
  return [table(columns, rows), ...lines].join('\n');
}

function behind({ behindBytes, behindSeconds }: ShownSlot): string {
  if (behindBytes === null) return NONE;
  return behindSeconds === null ? bytes(behindBytes) : `${bytes(behindBytes)}, ${duration(behindSeconds * 1000)}`;
}

/** The streams of the spec. */
export function renderStreams(streams: readonly ShownStream[]): string {
  if (streams.length === 0) return 'The spec has no streams. `pgscale cdc create NAME --tables …` makes one.';
  const rows = streams.map(({ name, plugin, database, role, tables, hasSlot }) => [
    name,
    plugin,
    database,
    role,
    hasSlot ? 'yes' : chalk.red('no'),
    tables.join(', '),
  ]);
  return table(['stream', 'plugin', 'database', 'role', 'slot', 'tables'], rows);
}
