import { describe, expect, it } from 'vitest';

import {
  firstReadMs,
  longestReadGapMs,
  pictureOf,
  readsInFlight,
  writeOutageMs,
  type Observed,
} from '../../../../src/operations/drill/failover/measure.ts';
import type { ReadTransaction } from '../../../../src/operations/drill/workload/read-holder.ts';

const FAULT = 10_000;
const OLD = '10.0.0.1';
const NEW = '10.0.0.2';
const THIRD = '10.0.0.3';

function seen(part: Partial<Observed> = {}): Observed {
  return {
    faultMs: FAULT,
    endMs: FAULT + 30_000,
    victim: OLD,
    acknowledged: [],
    writeErrors: [],
    freshReads: [],
    readErrors: [],
    transactions: [],
    ...part,
  };
}

const write = (id: number, atMs: number, server: string) => ({ id, atMs, server });

const read = (part: Partial<ReadTransaction>): ReadTransaction => ({
  client: 0,
  beginMs: FAULT - 1000,
  endMs: FAULT + 1000,
  server: NEW,
  door: THIRD,
  isStandby: true,
  broken: undefined,
  ...part,
});

describe('writeOutageMs', () => {
  it('lasts until another server acknowledges, whatever the old one still got through', () => {
    const acknowledged = [write(1, FAULT - 5, OLD), write(2, FAULT + 3, OLD), write(3, FAULT + 1400, NEW)];
    expect(writeOutageMs(seen({ acknowledged }))).toBe(1400);
  });

  it('is the longest gap where the primary stays, the end of the round included', () => {
    const steady = Array.from({ length: 300 }, (_, index) => write(index, FAULT + index * 100, OLD));
    const withGap = steady.filter(({ atMs }) => atMs <= FAULT + 2000 || atMs >= FAULT + 4500);
    expect(writeOutageMs(seen({ acknowledged: withGap }))).toBe(2500);
    expect(writeOutageMs(seen({ acknowledged: [write(1, FAULT + 10, OLD)] }))).toBe(29_990);
  });

  it('is unknown when nobody acknowledges any more', () => {
    expect(writeOutageMs(seen({ acknowledged: [write(1, FAULT - 5, OLD)] }))).toBeUndefined();
  });
});

describe('reads', () => {
  it('the first read is that of a client who came after the fault', () => {
    const freshReads = [
      { beginMs: FAULT - 10, endMs: FAULT + 20, server: NEW },
      { beginMs: FAULT + 700, endMs: FAULT + 750, server: NEW },
    ];
    expect(firstReadMs(seen({ freshReads }))).toBe(750);
    expect(longestReadGapMs(seen({ freshReads }))).toBe(29_250);
    expect(firstReadMs(seen())).toBeUndefined();
  });

  it('counts what broke on healthy standbys behind a healthy proxy', () => {
    const transactions = [
      read({}),
      read({ broken: 'ECONNRESET' }),
      read({ broken: 'ECONNRESET', door: OLD }),
      read({ broken: 'ECONNRESET', server: OLD }),
      read({ broken: 'ECONNRESET', isStandby: false }),
      read({ broken: 'before', beginMs: FAULT - 3000, endMs: FAULT - 1 }),
      read({ broken: 'later', beginMs: FAULT + 5000, endMs: FAULT + 6000 }),
      read({ endMs: undefined }),
    ];
    const reads = readsInFlight(seen({ transactions }), (address) => `at ${address}`);
    expect(reads).toMatchObject({ watched: 5, atFault: 4, interrupted: 2, lostWithProxy: 1 });
    expect(reads.breaks[1]).toEqual({ ms: 6000, host: `at ${NEW}`, proxy: `at ${THIRD}`, kind: 'later' });
  });
});

describe('pictureOf', () => {
  it('counts by time since the fault, and names the servers', () => {
    const acknowledged = [write(1, FAULT - 1900, OLD), write(2, FAULT + 1450, NEW), write(3, FAULT + 1460, NEW)];
    const picture = pictureOf(seen({ acknowledged, transactions: [read({ endMs: undefined })] }), (address) =>
      address === OLD ? 'pg1' : 'pg2',
    );
    expect(picture.writes.map(({ host }) => host)).toEqual(['pg1', 'pg2']);
    expect(picture.writes[0]?.counts[0]).toBe(1);
    expect(picture.writes[1]?.counts[Math.floor((2000 + 1450) / picture.bucketMs)]).toBe(2);
    expect(picture.transactions).toEqual([{ client: 0, beginMs: -1000, endMs: 30_000, host: 'pg2', isBroken: false }]);
  });
});
