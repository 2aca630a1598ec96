import { greatest, type KeyType, type Position, type Span } from './axis.ts';
import type { PartitionCatalog, TableCatalog } from './catalog.ts';
import { type Period, periodAt, periodsFrom, startBefore } from './grid.ts';
import { apartOf, type Apart, type Mark, readMark } from './mark.ts';
import { type Action, freeName, indexesOfNew, missingIndexes } from './plan.ts';
import type { RangePolicy } from './policy.ts';
import { keptFrom } from './retention.ts';

/** No run makes more partitions of one table than this; the next goes on. */
export const CREATE_MAX = 500;

/** What is known of a table when its rotation is planned. */
export interface RangeState {
  readonly policy: RangePolicy;
  readonly found: TableCatalog;
  readonly type: KeyType;
  /** Where the present is: the clock, or the highest id. */
  readonly now: Position;
}

/**
 * What has to be done so that every row from now until `ahead` periods on has its partition, and what is older than the
 * retention goes. Bounds come from the catalog: a partition goes only when nothing that it can hold is kept. Pure.
 */
export function planRange(state: RangeState): Action[] {
  const kept = keptFrom(state.policy, state.type, state.now);
  const attached = state.found.partitions.filter(({ isDetachPending }) => !isDetachPending);
  const going = attached.filter(({ upper }) => isOver(upper, kept));
  const staying = attached.filter((each) => !going.includes(each));
  return [
    // A detach that was interrupted may have to wait for a long reader, and new rows must have their partition by then.
    ...creates(state, staying, kept),
    ...finalizes(state, kept),
    ...going.flatMap((each) => leave(state, each)),
    ...leftovers(state, kept),
    ...missingIndexes(state.policy, staying),
    ...summaries(state, staying),
  ];
}

function isOver(upper: Position | null, kept: Position | undefined): boolean {
  return kept !== undefined && upper !== null && upper <= kept;
}

/** A detach that was interrupted goes to its end. It is dropped only if it had been detached for that. */
function finalizes({ found, policy }: RangeState, kept: Position | undefined): Action[] {
  return found.partitions
    .filter(({ isDetachPending }) => isDetachPending)
    .flatMap(({ id, comment, upper, rows, bytes }): Action[] => {
      const isLeaving = isOver(upper, kept) && isFor(policy, readMark(comment)?.then);
      const end = isLeaving ? ends(policy, { id, rows, bytes }, null) : [];
      return [{ kind: 'finalize', id }, ...end];
    });
}

function leave({ found, policy }: RangeState, partition: PartitionCatalog): Action[] {
  const { id, lower, upper, comment, rows, bytes } = partition;
  const action = policy.retention?.action;
  const then = action === 'drop' || action === 'archive' ? action : 'keep';
  const detach: Action = { kind: 'detach', id, mark: { of: found.id, then, lower, upper }, comment, rows, bytes };
  return then === 'keep' ? [detach] : [detach, ...ends(policy, { id, rows, bytes }, null)];
}

/** What an earlier run detached and did not come to drop. */
function leftovers({ found, policy }: RangeState, kept: Position | undefined): Action[] {
  return apartOf(found)
    .filter(({ then, upper }) => isFor(policy, then) && isOver(upper, kept))
    .flatMap(({ id, rows, bytes }) => ends(policy, { id, rows, bytes }, kept ?? null));
}

/** Whether a table that was detached to go may go now: what was to be archived is never just dropped. */
function isFor({ retention }: RangePolicy, then: Mark['then'] | undefined): boolean {
  if (retention?.action === 'archive') return then === 'archive' || then === 'drop';
  return retention?.action === 'drop' && then === 'drop';
}

function ends(
  { retention }: RangePolicy,
  table: { id: string; rows: number; bytes: number },
  provenBelow: Position | null,
): Action[] {
  const drop: Action = { kind: 'drop', ...table, provenBelow };
  return retention?.action === 'archive' ? [{ kind: 'archive', id: table.id }, drop] : [drop];
}

/** What makes the partition of the period that holds a position, as far as others leave room for it. Pure. */
export function planPeriod({ policy, found, type }: Omit<RangeState, 'now'>, at: Position): Action[] {
  const { lower, upper } = periodAt(policy, type, at);
  return makers({ policy, found, type }, pieces(policy, type, gaps(found.partitions, lower, upper), CREATE_MAX));
}

/** First what is written to next, then the holes that are left among older partitions. */
function creates(state: RangeState, staying: readonly PartitionCatalog[], kept: Position | undefined): Action[] {
  return makers(state, missingPeriods(state, staying, kept, apartOf(state.found)));
}

function makers(state: Omit<RangeState, 'now'>, all: readonly Period[]): Action[] {
  // What ends where the type of the key does takes the last of its values, too.
  const most = greatest(state.type);
  const periods = all
    .filter(({ lower }) => most === undefined || lower <= most)
    .map((each) => ({ ...each, upper: most !== undefined && each.upper > most ? null : each.upper }));
  const unfinished = apartOf(state.found).filter(({ then }) => then === 'attach');
  const taken = new Set(state.found.taken);
  return periods.flatMap((piece): Action[] => {
    const values = { by: 'range', lower: piece.lower, upper: piece.upper } as const;
    const begun = unfinished.find(({ lower, upper }) => lower === piece.lower && upper === piece.upper);
    if (begun !== undefined) return [{ kind: 'attach', id: begun.id, values }];
    const name = freeName(piece.name, taken);
    taken.add(name);
    const id = `${state.found.schema}.${name}`;
    return [
      { kind: 'create', id, values, indexes: indexesOfNew(state.policy, state.found) },
      { kind: 'attach', id, values },
    ];
  });
}

function missingPeriods(
  { policy, type, now }: RangeState,
  staying: readonly PartitionCatalog[],
  kept: Position | undefined,
  apart: readonly Apart[],
): Period[] {
  const window = periodsFrom(policy, type, now, policy.ahead + 1);
  const from = window[0]?.lower ?? now;
  const until = window.at(-1)?.upper ?? now;
  // A partition that was detached to be kept leaves a hole on purpose: it may come back.
  const closed = [...staying, ...apart.filter(({ then, upper }) => then === 'keep' && upper !== null && upper <= now)];
  const first = staying.reduce<Position>((least, { lower, upper }) => min(least, lower ?? upper ?? least), from);
  const oldest = kept === undefined ? first : max(first, periodAt(policy, type, kept).lower);
  const next = pieces(policy, type, gaps(staying, from, until), CREATE_MAX);
  // What is archived leaves its holes, too: an empty partition would take the name, and in the end the place, of a dump.
  const isFilled = policy.retention?.action !== 'archive';
  const holes = isFilled ? pieces(policy, type, gaps(closed, oldest, from), CREATE_MAX - next.length) : [];
  return [...next, ...holes].filter(({ upper }) => !isOver(upper, kept));
}

/** What of a stretch no partition covers, in order. Pure. */
export function gaps(
  partitions: readonly { lower: Position | null; upper: Position | null }[],
  from: Position,
  until: Position,
): Span[] {
  const found: Span[] = [];
  let at = from;
  const inOrder = partitions.toSorted((a, b) => compare(a.lower ?? from, b.lower ?? from));
  for (const { lower, upper } of inOrder) {
    const begin = lower ?? from;
    if (at >= until) break;
    if (begin > at) found.push({ lower: at, upper: min(begin, until) });
    at = max(at, upper ?? until);
  }
  if (at < until) found.push({ lower: at, upper: until });
  return found;
}

/** Stretches cut where periods begin. */
function pieces(policy: RangePolicy, type: KeyType, stretches: readonly Span[], most: number): Period[] {
  const found: Period[] = [];
  for (const { lower, upper } of stretches) {
    for (let at = lower; at < upper && found.length < most;) {
      const period = periodAt(policy, type, at);
      const end = min(period.upper, upper);
      found.push({ name: period.name, lower: at, upper: end });
      at = end;
    }
  }
  return found;
}

/**
 * BRIN does not know of the last pages by itself: https://www.postgresql.org/docs/18/brin.html#BRIN-OPERATION. The index of
 * a partition that is partitioned itself has no pages.
 */
function summaries({ policy, type, now }: RangeState, staying: readonly PartitionCatalog[]): Action[] {
  const from = startBefore(policy, type, now, 0);
  const before = startBefore(policy, type, now, 1);
  return staying
    .filter(({ upper, isLeaf }) => isLeaf && upper !== null && upper > before && upper <= from)
    .flatMap(({ id, indexes }) =>
      indexes
        .filter(({ method, isValid }) => method === 'brin' && isValid)
        .map(({ name }): Action => ({ kind: 'summarize', id, index: name })),
    );
}

function compare(a: Position, b: Position): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function min(a: Position, b: Position): Position {
  return a < b ? a : b;
}

function max(a: Position, b: Position): Position {
  return a > b ? a : b;
}
