import { Temporal } from 'temporal-polyfill';

/**
 * A place on the axis of a partition key: microseconds since 1970 for times, the value itself for ids. Of `timestamptz`
 * it is the instant; of `timestamp` and `date`, which have no zone, it is what the clock on the wall shows, as if in UTC.
 */
export type Position = bigint;

/** What a partition key may be of. */
export const KEY_TYPES = ['timestamptz', 'timestamp', 'date', 'int8', 'int4', 'int2'] as const;
export type KeyType = (typeof KEY_TYPES)[number];

const DAY_MICROS = 86_400_000_000n;

/** Where `infinity` is among times: PostgreSQL itself has it there. */
export const INFINITY: Position = 9_223_372_036_854_775_807n;

/** From `lower` (inclusive) to `upper` (exclusive); null is without end. */
export interface Bounds {
  readonly lower: Position | null;
  readonly upper: Position | null;
}

/** Bounds with two ends. */
export interface Span {
  readonly lower: Position;
  readonly upper: Position;
}

export function isTimeKey(type: KeyType): boolean {
  return type === 'timestamptz' || type === 'timestamp' || type === 'date';
}

/** The greatest value that a key can have; undefined for times, whose end nobody reaches. */
export function greatest(type: KeyType): Position | undefined {
  const bits = { int8: 63n, int4: 31n, int2: 15n, timestamptz: undefined, timestamp: undefined, date: undefined }[type];
  return bits === undefined ? undefined : 2n ** bits - 1n;
}

/** Where an instant is. @param timeZone whose clock on the wall counts for types without a zone */
export function positionOf(instant: Temporal.Instant, type: KeyType, timeZone: string): Position {
  return type === 'timestamptz'
    ? micros(instant)
    : wallPosition(instant.toZonedDateTimeISO(timeZone).toPlainDateTime());
}

/**
 * The least position that a row can have which is written at an instant or later: for types without a zone, clocks that go
 * back soon after it show less than at the instant itself.
 */
export function leastSince(instant: Temporal.Instant, type: KeyType, timeZone: string): Position {
  const at = positionOf(instant, type, timeZone);
  // No clock goes back by more than a day, so that what it shows later on is more in any case.
  const changed = positionOf(instant.add({ hours: 24 }), type, timeZone) - DAY_MICROS;
  return type === 'timestamptz' || at <= changed ? at : changed;
}

/** The time that a calendar shows at a position. */
export function wallTime(position: Position, type: KeyType, timeZone: string): Temporal.PlainDateTime {
  const instant = Temporal.Instant.fromEpochNanoseconds(position * 1000n);
  return instant.toZonedDateTimeISO(type === 'timestamptz' ? timeZone : 'UTC').toPlainDateTime();
}

/** Where a day begins: at the first instant of that date, also where clocks skip or repeat midnight. */
export function dayPosition(date: Temporal.PlainDate, type: KeyType, timeZone: string): Position {
  return micros(date.toZonedDateTime(type === 'timestamptz' ? timeZone : 'UTC').toInstant());
}

/** Where the time on a wall is; of the two that a change of clocks may give, the earlier one. */
export function timePosition(time: Temporal.PlainDateTime, type: KeyType, timeZone: string): Position {
  if (type !== 'timestamptz') return wallPosition(time);
  return micros(time.toZonedDateTime(timeZone, { disambiguation: 'earlier' }).toInstant());
}

/** A position as SQL writes it, in UTC: `'2026-05-01 00:00:00+00'`, `'2026-05-01'`, `'1000'`. */
export function literal(position: Position, type: KeyType): string {
  return `'${text(position, type)}'`;
}

/** A position as people read it, and as SQL takes it, without quotes. */
export function text(position: Position, type: KeyType): string {
  if (!isTimeKey(type)) return String(position);
  if (position === INFINITY) return 'infinity';
  const time = Temporal.Instant.fromEpochNanoseconds(position * 1000n)
    .toZonedDateTimeISO('UTC')
    .toPlainDateTime();
  if (type === 'date') return time.toPlainDate().toString();
  return `${time.toString().replace('T', ' ')}${type === 'timestamptz' ? '+00' : ''}`;
}

function wallPosition(time: Temporal.PlainDateTime): Position {
  return micros(time.toZonedDateTime('UTC').toInstant());
}

function micros(instant: Temporal.Instant): Position {
  const nanos = instant.epochNanoseconds;
  // Rounds down, also before 1970.
  return nanos / 1000n - (nanos % 1000n < 0n ? 1n : 0n);
}
