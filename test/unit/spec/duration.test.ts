import { describe, expect, it } from 'vitest';

import { parseDurationMs } from '../../../src/spec/duration.ts';

describe('a duration', () => {
  it.each([
    ['90s', 90_000],
    ['1h30m', 5_400_000],
    ['500 ms', 500],
    ['24d', 24 * 86_400_000],
  ])('%s', (text, ms) => {
    expect(parseDurationMs(text)).toBe(ms);
  });

  it.each(['', '10', 'soon', '5s later', '25d', '23d25h'])('refuses %j', (text) => {
    expect(() => parseDurationMs(text)).toThrow(expect.objectContaining({ code: 'PGS_USAGE' }));
  });
});
