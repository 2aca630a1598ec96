import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { bucketCounts, longestGap, median, quantile } from '../../../../src/operations/drill/statistics.ts';
import { countKinds, errorKind } from '../../../../src/operations/drill/workload/client-error.ts';
import { lostWrites } from '../../../../src/operations/drill/workload/ledger.ts';

describe('statistics', () => {
  it('median and nearest-rank quantiles', () => {
    const values = Array.from({ length: 20 }, (_, index) => 20 - index);
    expect(median(values)).toBe(10.5);
    expect(quantile(values, 0.95)).toBe(19);
    expect(quantile(values, 1)).toBe(20);
    expect(quantile([7], 0.95)).toBe(7);
    expect(median([])).toBeUndefined();
    expect(quantile([], 0.5)).toBeUndefined();
  });

  it('every moment inside is in exactly one bucket', () => {
    const frame = { fromMs: -2000, toMs: 10_000, bucketMs: 200 };
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -4000, max: 12_000 })), (moments) => {
        const inside = moments.filter((each) => each >= frame.fromMs && each < frame.toMs);
        expect(bucketCounts(moments, frame).reduce((sum, each) => sum + each, 0)).toBe(inside.length);
      }),
    );
  });

  it('the longest gap has the ends in it', () => {
    expect(longestGap([100, 300, 350], 0, 1000)).toBe(650);
    expect(longestGap([], 0, 1000)).toBe(1000);
    expect(longestGap([600, 700], 0, 1000)).toBe(600);
  });
});

describe('the ledger', () => {
  it('a write that was acknowledged and is not there is lost; one more than acknowledged is no harm', () => {
    expect(lostWrites([{ id: 1 }, { id: 2 }, { id: 5 }], [1, 3, 5])).toEqual([2]);
    expect(lostWrites([{ id: 1 }], [1, 2])).toEqual([]);
  });
});

describe('errors of clients', () => {
  it('of one kind differ only in numbers and addresses', () => {
    const refused = (port: number): Error =>
      Object.assign(new Error(`connect ECONNREFUSED 10.0.0.${port}:6432`), { code: 'ECONNREFUSED' });
    const kinds = [refused(1), refused(2), Object.assign(new Error('server closed'), { code: '08P01' })].map(errorKind);
    expect(countKinds(kinds.map((kind) => ({ atMs: 0, kind })))).toEqual([
      { kind: 'connect ECONNREFUSED <address>', count: 2 },
      { kind: '08P01 server closed', count: 1 },
    ]);
  });
});
