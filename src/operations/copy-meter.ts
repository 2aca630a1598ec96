import prettyBytes from 'pretty-bytes';
import prettyMs from 'pretty-ms';

import type { BaseBackupProgress } from '../sql/base-backup-progress.ts';

/** Long enough that the rate is calm, short enough that a copy that gets slower is seen. */
const WINDOW_MS = 10_000;

interface Reading {
  readonly atMs: number;
  readonly done: number;
}

/**
 * How fast a copy goes: what went between two readings, by the time between them. What was there before the first one
 * does not count: an earlier run may have begun the copy.
 */
export class CopyMeter {
  #readings: Reading[] = [];

  /** Per second, over the latest readings; undefined before there are two, and while nothing goes. */
  rate(done: number, atMs: number): number | undefined {
    const [before] = this.#readings.slice(-1);
    if (before !== undefined && before.done > done) this.#readings = [];
    const recent = this.#readings.filter((each) => atMs - each.atMs <= WINDOW_MS);
    this.#readings = [...(recent.length === 0 ? this.#readings.slice(-1) : recent), { atMs, done }];
    const [first] = this.#readings;
    if (first === undefined || first.atMs === atMs || first.done === done) return undefined;
    return ((done - first.done) / (atMs - first.atMs)) * 1000;
  }

  /** `42 % of 1.2 GB, 310 MB/s, 2s left` */
  line({ phase, totalBytes, streamedBytes }: BaseBackupProgress, atMs: number): string {
    const rate = this.rate(streamedBytes, atMs);
    if (streamedBytes === 0 || totalBytes === null || totalBytes === 0) return phase;
    const share = Math.min(streamedBytes / totalBytes, 1);
    const speed = rate === undefined ? '' : `, ${prettyBytes(rate)}/s`;
    return `${Math.floor(share * 100)} % of ${prettyBytes(totalBytes)}${speed}${leftText(totalBytes - streamedBytes, rate)}`;
  }

  /** The same of a copy that tells only its share, `42 %, 2s left`. */
  shareLine(percent: number, atMs: number): string {
    return `${Math.floor(percent)} %${leftText(100 - percent, this.rate(percent, atMs))}`;
  }
}

function leftText(left: number, rate: number | undefined): string {
  if (rate === undefined || left <= 0) return '';
  return `, ${prettyMs((left / rate) * 1000, { secondsDecimalDigits: 0 })} left`;
}
