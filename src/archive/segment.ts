/**
 * The size of a segment of WAL. pgscale makes clusters with PostgreSQL's default.
 * https://www.postgresql.org/docs/18/wal-internals.html
 */
export const SEGMENT_BYTES = 16 * 1024 ** 2;

const SEGMENTS_PER_LOG = 2 ** 32 / SEGMENT_BYTES;

/** One segment of WAL: the `number` counts from the beginning of time, whatever the timeline. */
export interface Segment {
  readonly timeline: number;
  readonly number: number;
}

/** `000000020000000000000010` as timeline 2, number 16; undefined for any other name. Pure. */
export function parseSegment(name: string): Segment | undefined {
  const [, timeline, log, low] = /^([0-9A-F]{8})([0-9A-F]{8})([0-9A-F]{8})$/u.exec(name) ?? [];
  if (timeline === undefined || log === undefined || low === undefined) return undefined;
  return {
    timeline: Number.parseInt(timeline, 16),
    number: Number.parseInt(log, 16) * SEGMENTS_PER_LOG + Number.parseInt(low, 16),
  };
}

/** The name of the file of a segment. */
export function segmentName({ timeline, number }: Segment): string {
  const parts = [timeline, Math.floor(number / SEGMENTS_PER_LOG), number % SEGMENTS_PER_LOG];
  return parts.map(hex).join('');
}

/** `1/6B374D48` as a count of bytes, which is exact up to 8 PB of WAL; undefined when it is none. Pure. */
export function parseLsn(text: string): number | undefined {
  const [, high, low] = /^([0-9A-Fa-f]{1,8})\/([0-9A-Fa-f]{1,8})$/u.exec(text) ?? [];
  if (high === undefined || low === undefined) return undefined;
  return Number.parseInt(high, 16) * 2 ** 32 + Number.parseInt(low, 16);
}

export function lsnText(lsn: number): string {
  return `${Math.floor(lsn / 2 ** 32)
    .toString(16)
    .toUpperCase()}/${(lsn % 2 ** 32).toString(16).toUpperCase()}`;
}

/** The number of the segment that has this byte. */
export function segmentOf(lsn: number): number {
  return Math.floor(lsn / SEGMENT_BYTES);
}

/**
 * Why a replay that came to `lsn` has not read an archive to its `end`: PostgreSQL takes whatever ends the WAL for its end, also
 * a segment that is damaged or cannot be fetched. Undefined when it has, and stands in the last segment or behind it: what is
 * left of that one may be empty, or be the beginning of a record that goes on in the next. Pure.
 */
export function shortOfEnd(lsn: number, end: number): string | undefined {
  if (segmentOf(lsn) >= segmentOf(end - 1)) return undefined;
  return `it was replayed to ${lsnText(lsn)}, the archive goes on to ${lsnText(end)}`;
}

/** The name of the file that tells where a timeline left its parent. */
export function historyName(timeline: number): string {
  return `${hex(timeline)}.history`;
}

/** The timeline of a history file; undefined for any other name. */
export function parseHistoryName(name: string): number | undefined {
  const [, timeline] = /^([0-9A-F]{8})\.history$/u.exec(name) ?? [];
  return timeline === undefined ? undefined : Number.parseInt(timeline, 16);
}

function hex(value: number): string {
  return value.toString(16).toUpperCase().padStart(8, '0');
}
