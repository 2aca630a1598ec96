import { setTimeout as sleep } from 'node:timers/promises';

import { afterEach, describe, expect, it, vi } from 'vitest';

import { sleepUntil } from '../../../src/run/deadline.ts';

vi.mock('node:timers/promises', () => ({
  setTimeout: vi.fn((ms: number) => {
    vi.setSystemTime(Date.now() + ms);
    return Promise.resolve();
  }),
}));

const DAY_MS = 86_400_000;

describe('sleeping until a time', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it('lasts until then, in pieces that a timer can measure', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const time = Date.now() + 30.5 * DAY_MS;
    await sleepUntil(time, new AbortController().signal);
    expect(Date.now()).toBe(time);
    expect(Math.max(...vi.mocked(sleep).mock.calls.map(([ms = 0]) => ms))).toBe(DAY_MS);
    expect(sleep).toHaveBeenCalledTimes(31);
  });
});
