import { Temporal } from 'temporal-polyfill';

import { type KeyType, type Position, timePosition, wallTime } from './axis.ts';
import { startBefore } from './grid.ts';
import type { RangePolicy } from './policy.ts';

/**
 * Rows from here on are kept; a partition goes when all that it can hold is before. Undefined: everything is kept.
 * Months and years are those of the calendar: twelve months before 29 February is 28 February. Pure.
 *
 * @param now the position of the present; for ids, of the highest id
 */
export function keptFrom(policy: RangePolicy, type: KeyType, now: Position): Position | undefined {
  const { retention, timeZone } = policy;
  if (retention === undefined) return undefined;
  const { keep } = retention;
  if (typeof keep === 'number') return startBefore(policy, type, now, keep);
  const [amount = '', unit = ''] = keep.split(' ');
  const length = Temporal.Duration.from({ [unit.endsWith('s') ? unit : `${unit}s`]: Number(amount) });
  if (unit.startsWith('hour')) return now - BigInt(length.total('microseconds'));
  return timePosition(wallTime(now, type, timeZone).subtract(length), type, timeZone);
}
