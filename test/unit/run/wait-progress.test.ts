import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { waitFor } from '../../../src/run/deadline.ts';

vi.mock('node:timers/promises', () => ({
  setTimeout: vi.fn((ms: number) => {
    vi.advanceTimersByTime(ms);
    return Promise.resolve();
  }),
}));

/** Seconds until the wait gave up; the position moves as long as this is true. */
async function gaveUpAfter(moves: (second: number) => boolean, readyAt = Infinity): Promise<string> {
  const startedAt = performance.now();
  let position = 0;
  const progress = { of: () => position, longestMs: 3_600_000 };
  const wait = { what: 'pg3', deadlineMs: 180_000, pollMs: 1000, progress };
  const seconds = (): number => Math.round((performance.now() - startedAt) / 1000);
  return waitFor(wait, async () => {
    if (moves(seconds())) position += 1;
    return seconds() >= readyAt ? `ready after ${readyAt} s` : undefined;
  }).catch((error: unknown) => String(error));
}

describe('a wait for what gets on', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
  afterEach(() => void vi.useRealTimers());

  it('goes on beyond its deadline', async () => {
    expect(await gaveUpAfter(() => true, 1000)).toBe('ready after 1000 s');
  });

  it('ends when it has stood still for so long', async () => {
    expect(await gaveUpAfter(() => false)).toContain('after 180 s');
    expect(await gaveUpAfter((second) => second < 300)).toMatch(/after (?:479|480) s/u);
  });

  it('ends at last, however it gets on', async () => {
    expect(await gaveUpAfter(() => true)).toContain('after 3600 s');
  });
});
