import { Temporal } from 'temporal-polyfill';

import { type KeyType, leastSince, type Position, wallTime } from './axis.ts';
import { startBefore } from './grid.ts';
import type { RangePolicy } from './policy.ts';

/**
 * Rows from here on are kept; a partition goes when all that it can hold is before. Undefined: everything is kept.
 * Months and years are those of the calendar: twelve months before 29 February is 28 February. Hours are those that went
 * by, whatever clocks did. Pure.
 *
 * @param now the position of the present; for ids, of the highest id
 */
export function keptFrom(policy: RangePolicy, type: KeyType, now: Position): Position | undefined {
  const { retention, timeZone } = policy;
  if (retention === undefined) return undefined;
  const { keep } = retention;
  if (typeof keep === 'number') return startBefore(policy, type, now, keep);
  const [amount = '', unit = ''] = keep.split(' ');
  const length = { [unit.endsWith('s') ? unit : `${unit}s`]: Number(amount) };
  // What a clock shows twice is taken for the first time: rows are kept rather for an hour too long.
  const zoned = (time: Temporal.PlainDateTime): Temporal.ZonedDateTime =>
    time.toZonedDateTime(timeZone, { disambiguation: 'earlier' });
  const present = wallTime(now, type, timeZone);
  const since = unit.startsWith('hour') ? zoned(present).subtract(length) : zoned(present.subtract(length));
  return leastSince(since.toInstant(), type, timeZone);
}
