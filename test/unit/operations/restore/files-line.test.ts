import { describe, expect, it } from 'vitest';

import { CopyMeter } from '../../../../src/operations/copy-meter.ts';
import { filesLine } from '../../../../src/operations/restore/side-steps.ts';

const file = (share: string): string =>
  `2026-11-29 16:00:00.000 P01 DETAIL: restore file /srv/sides/x/data/base/16384/1259 (bundle 1/12, 8KB, ${share}%) checksum 5dd`;

describe('how far the files of a backup are', () => {
  it('is the share that pgBackRest tells with each file', () => {
    const meter = new CopyMeter();
    expect(filesLine(`x\n${file('40.40')}`, meter, 0)).toBe('40 %');
    expect(filesLine(`x\n${file('45.40')}`, meter, 5000)).toBe('45 %, 54s left');
  });

  it('is its last line where that is of no file', () => {
    const line = 'P00   INFO: write updated /srv/sides/x/data/postgresql.auto.conf';
    expect(filesLine(`${file('99.99')}\n${line}`, new CopyMeter(), 0)).toBe(line);
  });
});
