import type { Backup, Catalogue } from '../../src/archive/catalogue.ts';
import { SEGMENT_BYTES } from '../../src/archive/segment.ts';

export const SEGMENT = SEGMENT_BYTES;
export const MINUTE_MS = 60_000;

const BEGIN_MS = Date.UTC(2026, 10, 24);

/** The archive of a test fills a segment a minute: when segment `number` arrived. */
export function secondsAt(number: number): number {
  return BEGIN_MS + number * MINUTE_MS;
}

/** A backup that needed the WAL of one segment, `B<number>`, and ended when that segment arrived. */
export function backupAt(number: number, timeline = 1): Backup {
  return {
    label: `B${number}`,
    type: 'full',
    timeline,
    startedAtMs: secondsAt(number) - 5000,
    stoppedAtMs: secondsAt(number),
    startLsn: number * SEGMENT,
    stopLsn: (number + 1) * SEGMENT,
    databaseBytes: 1000,
    copiedBytes: 1000,
    storedBytes: 100,
    hasPageErrors: false,
    madeBy: '2.60.0',
  };
}

/** `segments`: timeline, first and last number of each stretch. */
export function catalogueOf({
  backups = [],
  segments = [],
  histories = new Map(),
}: {
  backups?: Backup[];
  segments?: [number, number, number][];
  histories?: Catalogue['histories'];
}): Catalogue {
  return {
    backups,
    histories,
    segments: segments.flatMap(([timeline, first, last]) =>
      Array.from({ length: last - first + 1 }, (_, index) => ({
        timeline,
        number: first + index,
        storedAtMs: secondsAt(first + index),
      })),
    ),
  };
}
