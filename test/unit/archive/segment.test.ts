import { describe, expect, it } from 'vitest';

import { parseLsn, shortOfEnd } from '../../../src/archive/segment.ts';

describe('a replay to the latest', () => {
  const end = 0x5000000;
  const short = (lsn: string): string | undefined => shortOfEnd(parseLsn(lsn) ?? Number.NaN, end);

  it.each([
    ['the switch at the end of the last segment', '0/5000000'],
    ['somewhere in the last segment, which may be filled in part', '0/4000028'],
    ['WAL that arrived since', '0/7000100'],
  ])('has come to the end of the archive with %s', (_what, lsn) => expect(short(lsn)).toBeUndefined());

  it('has not when it ended in a segment before the last', () => {
    expect(short('0/3FFFFF8')).toBe('it was replayed to 0/3FFFFF8, the archive goes on to 0/5000000');
  });
});
