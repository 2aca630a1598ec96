import { describe, expect, it } from 'vitest';

import type { Catalogue } from '../../../src/archive/catalogue.ts';
import { givenUpAt } from '../../../src/archive/given-up.ts';
import { routeTo } from '../../../src/archive/target.ts';
import { backupAt, catalogueOf, secondsAt, SEGMENT } from '../../support/catalogue.ts';

/** Segments of a timeline that were written, and arrived, so many minutes after their numbers say. */
function later(timeline: number, first: number, last: number, minutes: number): Catalogue['segments'] {
  return catalogueOf({ segments: [[timeline, first, last]] }).segments.map((each) => ({
    ...each,
    storedAtMs: each.storedAtMs + secondsAt(minutes) - secondsAt(0),
  }));
}

const first = catalogueOf({ backups: [backupAt(2)], segments: [[1, 1, 20]] });

/** After twenty minutes the cluster went back to what it was in the sixth. */
const restored: Catalogue = {
  ...first,
  segments: [...first.segments, ...later(2, 6, 9, 20)],
  histories: new Map([[2, [{ timeline: 1, endLsn: 6 * SEGMENT + 10 }]]]),
};

describe('a moment without a timeline', () => {
  it.each([
    ['before the newest timeline left its parent', 4, undefined],
    ['in the segment in which it left, where nobody knows', 5.5, 1],
    ['that was given up', 15, 1],
    ['between the last segment of the one and the first of the other', 22, undefined],
    ['of the newest', 27, undefined],
  ])('%s', (_what, minute, timeline) => expect(givenUpAt(restored, 2, secondsAt(minute))).toBe(timeline));

  it('is refused when it was given up, with what to type; and not with a timeline', () => {
    const target = { kind: 'time', atMs: secondsAt(15) } as const;
    const nowMs = secondsAt(60);
    const answer = routeTo(restored, target, nowMs);
    expect(answer).toMatchObject({ isPossible: false, isShort: false });
    expect(answer.isPossible ? '' : answer.why).toMatch(
      /on timeline 1, and timeline 2 .* --timeline 1 .* --timeline 2/u,
    );
    expect(routeTo(restored, target, nowMs, 1)).toMatchObject({ isPossible: true, route: { timeline: 1 } });
    expect(routeTo(restored, target, nowMs, 2)).toMatchObject({ isPossible: true, route: { timeline: 2 } });
  });

  it('is on its own timeline when an older one was archived late', () => {
    const late = { ...restored, segments: [...restored.segments, ...later(1, 21, 21, 8)] };
    expect(givenUpAt(late, 2, secondsAt(27))).toBeUndefined();
  });

  it('never needs one after failovers that lost nothing', () => {
    const histories = new Map([[2, [{ timeline: 1, endLsn: 6 * SEGMENT + 10 }]]]);
    const segments: [number, number, number][] = [
      [1, 1, 5],
      [2, 6, 9],
    ];
    const healthy = catalogueOf({ backups: [backupAt(2)], segments, histories });
    expect([4, 5.5, 6, 8].map((minute) => givenUpAt(healthy, 2, secondsAt(minute)))).toEqual(Array(4).fill(undefined));
  });

  it('may be on a timeline that the newest one does not come from', () => {
    const twice: Catalogue = {
      ...restored,
      segments: [...restored.segments, ...later(3, 5, 7, 40)],
      histories: new Map([...restored.histories, [3, [{ timeline: 1, endLsn: 5 * SEGMENT + 10 }]]]),
    };
    expect([15, 24, 28, 46].map((minute) => givenUpAt(twice, 3, secondsAt(minute)))).toEqual([1, 2, 2, undefined]);
  });
});
