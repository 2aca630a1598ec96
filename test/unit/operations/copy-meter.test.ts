import { describe, expect, it } from 'vitest';

import { CopyMeter } from '../../../src/operations/copy-meter.ts';

const GB = 1e9;
const row = (streamedBytes: number, totalBytes: number | null = 100 * GB) => ({
  phase: 'streaming database files',
  totalBytes,
  streamedBytes,
});

describe('the speed of a copy', () => {
  it('is what went since we look at it, not what an earlier run had copied', () => {
    const meter = new CopyMeter();
    expect(meter.line(row(50 * GB), 1_000_000)).toBe('50 % of 100 GB');
    expect(meter.line(row(50.1 * GB), 1_001_000)).toBe('50 % of 100 GB, 100 MB/s, 8m 19s left');
  });

  it('is that of the last seconds', () => {
    const meter = new CopyMeter();
    for (let second = 0; second <= 20; second += 1) meter.line(row((1 + second) * GB), second * 1000);
    for (let second = 21; second <= 30; second += 1) meter.line(row((21 + (second - 20) / 10) * GB), second * 1000);
    expect(meter.line(row(22.1 * GB), 31_000)).toContain(', 100 MB/s');
  });

  it('begins again with a copy that begins again, and is not told while nothing goes', () => {
    const meter = new CopyMeter();
    meter.line(row(50 * GB), 0);
    expect(meter.line(row(1 * GB), 1000)).toBe('1 % of 100 GB');
    expect(meter.line(row(1 * GB), 2000)).toBe('1 % of 100 GB');
  });

  it('is not known before the copy is, and ends with it', () => {
    const meter = new CopyMeter();
    expect(meter.line(row(0, null), 0)).toBe('streaming database files');
    expect(meter.line(row(100 * GB), 1000)).toBe('100 % of 100 GB, 100 GB/s');
  });

  it('of a copy that tells only its share gives the time that is left', () => {
    const meter = new CopyMeter();
    expect(meter.shareLine(40.4, 0)).toBe('40 %');
    // It tells it file by file: a large one takes longer than the readings are kept for.
    expect(meter.shareLine(50.4, 20_000)).toBe('50 %, 1m 39s left');
  });

  it('of a share that is told often is that of the last seconds, too', () => {
    const meter = new CopyMeter();
    meter.shareLine(40.4, 0);
    expect(meter.shareLine(45.4, 5000)).toBe('45 %, 54s left');
  });
});
