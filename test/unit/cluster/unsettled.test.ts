import { describe, expect, it } from 'vitest';

import { unsettled } from '../../../src/cluster/unsettled.ts';
import { specOf } from '../../support/target.ts';

describe('unsettled', () => {
  it.each([
    [1, { streaming: 0, synchronous: 0 }, undefined],
    [3, { streaming: 2, synchronous: 1 }, undefined],
    [3, { streaming: 2, synchronous: 0 }, '2 of 2 standbys stream, 0 of 1 synchronous'],
    [3, { streaming: 1, synchronous: 1 }, '1 of 2 standbys stream, 1 of 1 synchronous'],
    [3, undefined, 'the primary does not answer'],
  ])('%i hosts, %j: %s', (hostCount, count, expected) => {
    expect(unsettled(specOf(hostCount), count)).toBe(expected);
  });
});
