import { describe, expect, it } from 'vitest';

import { neededFor } from '../../../../src/operations/restore/preflight.ts';

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;

describe('the room that a restore needs', () => {
  const backup = { databaseBytes: 10 * GIB };

  it('is that of the data and of the WAL that is replayed', () => {
    expect(neededFor({ backup, walBytes: GIB })).toBe(11 * GIB + 256 * MIB);
  });

  it('does not grow with a week of WAL, which is not there at once', () => {
    expect(neededFor({ backup, walBytes: 900 * GIB })).toBe(14 * GIB + 256 * MIB);
  });
});
