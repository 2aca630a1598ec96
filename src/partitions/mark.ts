import * as z from 'zod/mini';

import type { Bounds, Position } from './axis.ts';
import { type ForeignKey, MARK, type TableCatalog } from './catalog.ts';

/**
 * What pgscale remembers of a table that it made or detached, in the comment of that table: there is no other state.
 * `attach`: it becomes a partition; `drop`: it goes when the retention says so; `archive`: the same, by the object store;
 * `keep`: it stays as it is.
 */
export interface Mark extends Bounds {
  readonly of: string;
  readonly then: 'attach' | 'drop' | 'archive' | 'keep';
  /** Of a partition by list or hash, which has no bounds: which rows it takes, as SQL. */
  readonly values?: string | undefined;
}

/** A marked table that is no partition. */
export interface Apart extends Mark {
  readonly id: string;
  readonly name: string;
  readonly rows: number;
  readonly bytes: number;
  readonly foreignKeys: readonly ForeignKey[];
}

const markSchema = z.object({
  of: z.string(),
  then: z.enum(['attach', 'drop', 'archive', 'keep']),
  lower: z.nullable(z.string().check(z.regex(/^-?\d+$/u))),
  upper: z.nullable(z.string().check(z.regex(/^-?\d+$/u))),
  values: z.optional(z.string()),
});

/** The comment of a marked table; what somebody else wrote there stays below. Pure. */
export function withMark(mark: Mark, comment: string | null): string {
  const digits = (position: Position | null): string | null => (position === null ? null : String(position));
  const { of, then, values } = mark;
  const line = `${MARK}${JSON.stringify({ of, then, lower: digits(mark.lower), upper: digits(mark.upper), values })}`;
  const own = (comment ?? '')
    .split('\n')
    .filter((each) => !each.startsWith(MARK))
    .join('\n');
  return own === '' ? line : `${line}\n${own}`;
}

/** The marked tables of a table. One whose mark cannot be read is nobody's. Pure. */
export function apartOf({ id, apart }: TableCatalog): Apart[] {
  return apart.flatMap(({ mark: comment, ...rest }) => {
    const mark = readMark(comment);
    return mark?.of === id ? [{ ...rest, ...mark }] : [];
  });
}

/** Pure. */
export function readMark(comment: string | null): Mark | undefined {
  const [line = ''] = (comment ?? '').split('\n');
  if (!line.startsWith(MARK)) return undefined;
  try {
    const { lower, upper, ...mark } = markSchema.parse(JSON.parse(line.slice(MARK.length)));
    return { ...mark, lower: bigOrNull(lower), upper: bigOrNull(upper) };
  } catch {
    return undefined;
  }
}

function bigOrNull(digits: string | null): Position | null {
  return digits === null ? null : BigInt(digits);
}
