import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { patienceMs, reasonToEnd, type Hold } from '../../../src/agent/valve/hold.ts';

const TIMINGS = { silenceMs: 7000, graceMs: 4000, holdMs: 25_000 };
const NOW = 100_000;
const HOLD: Hold = { heldAtMs: NOW - 1000, heardAtMs: NOW - 500, closedAtMs: undefined, isMoved: false };
const ARMED: Hold = { ...HOLD, heldAtMs: undefined };

describe('when the valve ends, which lets the clients go on', () => {
  it.each<[string, Hold, RegExp | undefined]>([
    ['holds while the command line is heard', HOLD, undefined],
    ['waits while nothing is held', ARMED, undefined],
    ['the command line has ended and nothing is held', { ...ARMED, closedAtMs: NOW }, /has ended/u],
    ['killed: what it began gets its time', { ...HOLD, closedAtMs: NOW - 3900 }, undefined],
    ['killed: that time is over', { ...HOLD, closedAtMs: NOW - 4000 }, /has ended/u],
    ['killed after the primary had moved', { ...HOLD, closedAtMs: NOW, isMoved: true }, /has ended/u],
    ['the network is gone', { ...HOLD, heardAtMs: NOW - 7000 }, /nothing was heard/u],
    ['the network is gone while nothing is held', { ...ARMED, heardAtMs: NOW - 7000 }, /nothing was heard/u],
    ['clients would be turned away soon', { ...HOLD, heldAtMs: NOW - 25_000 }, /too long/u],
  ])('%s', (_, hold, reason) => {
    const said = reasonToEnd(hold, NOW, TIMINGS);
    if (reason === undefined) expect(said).toBeUndefined();
    else expect(said).toMatch(reason);
  });

  it('never holds for more than ten seconds after the last word, whatever has happened', () => {
    const times = fc.integer({ min: 0, max: NOW });
    const anyHold = fc.record({
      heldAtMs: fc.option(times, { nil: undefined }),
      heardAtMs: fc.integer({ min: 0, max: NOW - 10_000 }),
      closedAtMs: fc.option(times, { nil: undefined }),
      isMoved: fc.boolean(),
    });
    fc.assert(fc.property(anyHold, (hold) => reasonToEnd(hold, NOW, TIMINGS) !== undefined));
  });
});

describe('for how long the valve of a killed command line looks for a primary that takes writes', () => {
  it.each<[string, Hold, number]>([
    ['until the clients have waited as long as without a word', { ...HOLD, closedAtMs: NOW - 4000 }, 3000],
    ['not longer than poolers are held', { ...HOLD, closedAtMs: NOW - 4000, heldAtMs: NOW - 24_000 }, 1000],
    ['not at all when the time is over', { ...HOLD, closedAtMs: NOW - 8000 }, 0],
    ['not at all when nothing is held', { ...ARMED, closedAtMs: NOW - 4000 }, 0],
    ['not at all when the network is gone: it took all the time', { ...HOLD, heardAtMs: NOW - 7000 }, 0],
  ])('%s', (_, hold, ms) => {
    expect(patienceMs(hold, NOW, TIMINGS)).toBe(ms);
  });
});
