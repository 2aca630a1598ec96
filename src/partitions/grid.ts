import { Temporal } from 'temporal-polyfill';

import { dayPosition, type KeyType, type Position, type Span, wallTime } from './axis.ts';
import { type RangePolicy, tableName } from './policy.ts';

/** Where partitions of a policy begin and end, whatever is there, and what they are called. */
export interface Period extends Span {
  readonly name: string;
}

const HOUR_MICROS = 3_600_000_000n;
type DateStep = 'day' | 'week' | 'month' | 'quarter' | 'year';
const LENGTH: Readonly<Record<DateStep, Temporal.DurationLike>> = {
  day: { days: 1 },
  week: { weeks: 1 },
  month: { months: 1 },
  quarter: { months: 3 },
  year: { years: 1 },
};

/**
 * The period that holds a position. Every date begins at one instant only, which the end of the date before is, so that
 * periods neither overlap nor leave a hole whatever clocks do. Hours are those of UTC: a local one may come twice. Pure.
 */
export function periodAt(policy: RangePolicy, type: KeyType, position: Position): Period {
  const { step, timeZone } = policy;
  if (typeof step === 'number') return evenPeriod(policy, type, position, BigInt(step));
  if (step === 'hour') return evenPeriod(policy, type, position, HOUR_MICROS);
  const first = firstDate(wallTime(position, type, timeZone).toPlainDate(), step);
  const period = datePeriod(policy, type, first, step);
  // Clocks that go back over midnight show a date again after the next one has begun (St. John's, until 2011).
  return position < period.upper ? period : datePeriod(policy, type, first.add(LENGTH[step]), step);
}

function datePeriod(policy: RangePolicy, type: KeyType, first: Temporal.PlainDate, step: DateStep): Period {
  const begin = (date: Temporal.PlainDate): Position => dayPosition(date, type, policy.timeZone);
  const name = `${tableName(policy)}_${dateSuffix(first, step)}`;
  return { name, lower: begin(first), upper: begin(first.add(LENGTH[step])) };
}

/** The periods from the one that holds `from` on, `count` of them. Pure. */
export function periodsFrom(policy: RangePolicy, type: KeyType, from: Position, count: number): Period[] {
  const periods: Period[] = [];
  for (let at = from; periods.length < count;) {
    const period = periodAt(policy, type, at);
    periods.push(period);
    at = period.upper;
  }
  return periods;
}

/** The start of the period `count` before the one that holds `position`. Pure. */
export function startBefore(policy: RangePolicy, type: KeyType, position: Position, count: number): Position {
  let { lower } = periodAt(policy, type, position);
  for (let left = count; left > 0; left--) lower = periodAt(policy, type, lower - 1n).lower;
  return lower;
}

function evenPeriod(policy: RangePolicy, type: KeyType, position: Position, length: bigint): Period {
  const over = position % length;
  const lower = position - over - (over < 0n ? length : 0n);
  return { name: `${tableName(policy)}_${evenSuffix(policy, type, lower)}`, lower, upper: lower + length };
}

function evenSuffix({ step }: RangePolicy, type: KeyType, lower: Position): string {
  if (typeof step === 'number') return String(lower).replace('-', 'm');
  const { year, month, day, hour } = wallTime(lower, type, 'UTC');
  return [year, two(month), two(day), two(hour)].join('_');
}

/** Weeks begin on Monday (ISO 8601). */
function firstDate(date: Temporal.PlainDate, step: DateStep): Temporal.PlainDate {
  switch (step) {
    case 'day':
      return date;
    case 'week':
      return date.subtract({ days: date.dayOfWeek - 1 });
    case 'month':
      return date.with({ day: 1 });
    case 'quarter':
      return date.with({ day: 1, month: quarterOf(date) * 3 - 2 });
    case 'year':
      return date.with({ day: 1, month: 1 });
  }
}

function dateSuffix(date: Temporal.PlainDate, step: DateStep): string {
  const { year, month, day } = date;
  switch (step) {
    case 'day':
      return `${year}_${two(month)}_${two(day)}`;
    case 'week':
      return `${date.yearOfWeek ?? year}_w${two(date.weekOfYear ?? 0)}`;
    case 'month':
      return `${year}_${two(month)}`;
    case 'quarter':
      return `${year}_q${quarterOf(date)}`;
    case 'year':
      return String(year);
  }
}

function quarterOf({ month }: Temporal.PlainDate): number {
  return Math.ceil(month / 3);
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
