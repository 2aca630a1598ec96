import type { Backup, Catalogue } from './catalogue.ts';
import { SEGMENT_BYTES, segmentName, segmentOf } from './segment.ts';
import { Lineage } from './timeline.ts';

/** A stretch of a timeline without a missing segment: every moment in it can be restored. */
export interface Window {
  readonly timeline: number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly fromLsn: number;
  /** The end of the last segment. */
  readonly toLsn: number;
  /** Labels of the backups from which it is reached, the oldest first. */
  readonly backups: readonly string[];
  /** The segment that is missing at its end, when there is WAL behind it. */
  readonly missing: string | null;
}

/** How far the WAL goes from one backup on. */
export interface Reach {
  readonly backup: Backup;
  /** The first segment that is not there. */
  readonly endNumber: number;
  readonly endMs: number;
  readonly missing: string | null;
}

/** The timelines of which there is anything, the newest last. Pure. */
export function timelinesOf({ backups, segments, histories }: Catalogue): number[] {
  const all = [
    ...backups.map(({ timeline }) => timeline),
    ...segments.map(({ timeline }) => timeline),
    ...histories.keys(),
  ];
  return [...new Set(all)].sort((a, b) => a - b);
}

/** The past of a timeline, as its history file tells it. */
export function lineageOf({ histories }: Catalogue, timeline: number): Lineage {
  return new Lineage(timeline, histories.get(timeline) ?? []);
}

/** Every stretch in which any moment can be restored, timeline by timeline, the oldest first. Pure. */
export function windowsOf(catalogue: Catalogue): Window[] {
  return timelinesOf(catalogue).flatMap((timeline) => windowsOfTimeline(catalogue, timeline));
}

function windowsOfTimeline(catalogue: Catalogue, timeline: number): Window[] {
  const all = reaches(catalogue, timeline);
  // Backups from which the WAL ends at the same segment are in the same stretch.
  const firsts = all.filter(({ endNumber }, index) => all.findIndex((each) => each.endNumber === endNumber) === index);
  return firsts.flatMap((first) => {
    const labels = all.filter(({ endNumber }) => endNumber === first.endNumber).map(({ backup }) => backup.label);
    return windowFrom(catalogue, timeline, first, labels);
  });
}

/** What can be restored of a timeline before it began belongs to its parent. */
function windowFrom(catalogue: Catalogue, timeline: number, first: Reach, backups: readonly string[]): Window[] {
  const { backup, endNumber, endMs, missing } = first;
  const { beginLsn } = lineageOf(catalogue, timeline);
  const toLsn = endNumber * SEGMENT_BYTES;
  if (toLsn <= beginLsn) return [];
  const isOwn = backup.stopLsn >= beginLsn;
  const fromMs = isOwn ? backup.stoppedAtMs : beginMs(catalogue, timeline, beginLsn, endMs);
  const fromLsn = isOwn ? backup.stopLsn : beginLsn;
  return [{ timeline, fromMs, toMs: endMs, fromLsn, toLsn, backups, missing }];
}

function beginMs({ segments }: Catalogue, timeline: number, beginLsn: number, otherwise: number): number {
  const number = segmentOf(beginLsn);
  const first = segments.find((each) => each.timeline === timeline && each.number === number);
  return first?.storedAtMs ?? otherwise;
}

/** How far the WAL goes along a timeline from each backup that is in its past, the oldest backup first. Pure. */
export function reaches(catalogue: Catalogue, timeline: number): Reach[] {
  const lineage = lineageOf(catalogue, timeline);
  const stored = new Map(catalogue.segments.map((each) => [key(each), each.storedAtMs]));
  const last = Math.max(
    -1,
    ...catalogue.segments.filter((each) => each.timeline === timeline).map((each) => each.number),
  );
  const ends = new Map<number, { endNumber: number; endMs: number }>();
  return catalogue.backups
    .filter((backup) => lineage.holds(backup.timeline, backup.stopLsn))
    .flatMap((backup): Reach[] => {
      const begin = segmentOf(backup.startLsn);
      const { endNumber, endMs } = walk(lineage, stored, begin, ends);
      // Without the WAL that was written meanwhile a backup is not consistent.
      if (endNumber * SEGMENT_BYTES < backup.stopLsn) return [];
      const missing = endNumber <= last ? segmentName(lineage.segmentAt(endNumber)) : null;
      return [{ backup, endNumber, endMs, missing }];
    });
}

/** Goes on from segment to segment; `ends` remembers where earlier walks came by. */
function walk(
  lineage: Lineage,
  stored: ReadonlyMap<string, number>,
  begin: number,
  ends: Map<number, { endNumber: number; endMs: number }>,
): { endNumber: number; endMs: number } {
  const known = [...ends].find(([from, { endNumber }]) => from <= begin && begin < endNumber)?.[1];
  if (known !== undefined) return known;
  let endMs = 0;
  let number = begin;
  for (;;) {
    const storedAtMs = stored.get(key(lineage.segmentAt(number)));
    if (storedAtMs === undefined) break;
    endMs = Math.max(endMs, storedAtMs);
    number += 1;
  }
  const end = { endNumber: number, endMs };
  ends.set(begin, end);
  return end;
}

function key({ timeline, number }: { timeline: number; number: number }): string {
  return `${timeline}/${number}`;
}
