import { describe, expect, it } from 'vitest';

import { CopyMeter } from '../../../src/operations/copy-meter.ts';
import { filesLine } from '../../../src/operations/files-line.ts';

const restored = (share: string): string =>
  `x\n2026-11-29 16:00:00.000 P01 DETAIL: restore file /srv/sides/x/data/base/16384/1259 (bundle 1/12, 8KB, ${share}%) checksum 5dd`;
const backedUp = (share: string): string =>
  `x\n2026-11-29 16:00:00.000 P02 DETAIL: backup file pg1:/var/lib/postgresql/18/x/base/1/1255 (776KB, ${share}%) checksum 5dd`;
const GB = 1_000_000_000;

describe('how far the files of a backup are', () => {
  it.each([
    ['a restore', restored],
    ['a backup', backedUp],
  ])('is the share that pgBackRest tells with each file: %s', (_, line) => {
    const meter = new CopyMeter();
    expect(filesLine({ log: line('40.40'), totalBytes: undefined }, meter, 0)).toBe('40 %');
    expect(filesLine({ log: line('45.40'), totalBytes: undefined }, meter, 5000)).toBe('45 %, 54s left');
  });

  it('comes with the rate where it is known of how much', () => {
    const meter = new CopyMeter();
    expect(filesLine({ log: restored('0.00'), totalBytes: 2 * GB }, meter, 0)).toBe('0 %');
    expect(filesLine({ log: restored('50.00'), totalBytes: 2 * GB }, meter, 5000)).toBe(
      '50 % of 2 GB, 200 MB/s, 5s left',
    );
  });

  it('is nothing that a line of no file tells', () => {
    const log = `${restored('99.99')}\nP00   INFO: write updated /srv/sides/x/data/postgresql.auto.conf`;
    expect(filesLine({ log, totalBytes: undefined }, new CopyMeter(), 0)).toBeUndefined();
  });
});
