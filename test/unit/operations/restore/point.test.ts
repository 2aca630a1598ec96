import { describe, expect, it } from 'vitest';

import type { Catalogue } from '../../../../src/archive/catalogue.ts';
import { canBeMet } from '../../../../src/operations/restore/point.ts';
import { backupAt, catalogueOf, secondsAt, SEGMENT } from '../../../support/catalogue.ts';

const first = catalogueOf({ backups: [backupAt(2)], segments: [[1, 1, 20]] });
const minutesMs = secondsAt(20) - secondsAt(0);

/** After twenty minutes the cluster went back to what it was in the sixth. */
const restored: Catalogue = {
  ...first,
  segments: [
    ...first.segments,
    ...catalogueOf({ segments: [[2, 6, 9]] }).segments.map((each) => ({
      ...each,
      storedAtMs: each.storedAtMs + minutesMs,
    })),
  ],
  histories: new Map([[2, [{ timeline: 1, endLsn: 6 * SEGMENT + 10 }]]]),
};

describe('a restore point whose name is asked for again', () => {
  it.each([
    ['before the oldest backup began', secondsAt(2) - 3_600_000, false],
    ['while the oldest backup was made: recovery stops there, and fails', first.backups[0]!.startedAtMs, true],
    ['in what is kept', secondsAt(4), true],
    ['in what a restore in place has given up', secondsAt(15), false],
    ['after that', secondsAt(27), true],
  ])('%s', (_when, atMs, isInTheWay) => expect(canBeMet(restored, atMs)).toBe(isInTheWay));

  it('is in nobody’s way before there is a backup', () => {
    expect(canBeMet(catalogueOf({}), secondsAt(4))).toBe(false);
  });
});
