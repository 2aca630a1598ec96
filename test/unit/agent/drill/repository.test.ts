import { describe, expect, it } from 'vitest';

import { endIn, shortOfEnd } from '../../../../src/agent/drill/repository.ts';

const answer = JSON.stringify([
  { name: 'other', archive: [{ id: '18-1', min: null, max: null }] },
  {
    name: 'orders',
    archive: [
      { id: '17-1', min: '000000010000000000000001', max: '000000010000000000000099' },
      { id: '18-2', min: '000000010000000000000001', max: '000000020000000000000004' },
    ],
  },
]);

describe('the end of the archive', () => {
  const end = endIn(answer, 'orders');

  it('is the last segment of the present version', () => {
    expect(end.last).toEqual({ timeline: 2, number: 4 });
    expect(endIn(answer, 'other').last).toBeUndefined();
    expect(endIn(answer, 'nobody').last).toBeUndefined();
  });

  it('is reached in its last segment, which may be filled in part', () => {
    expect(shortOfEnd(end, { timeline: 2, endLsn: 0x4000028 })).toBeUndefined();
    expect(shortOfEnd(end, { timeline: 2, endLsn: 0x5000000 })).toBeUndefined();
    expect(shortOfEnd(end, { timeline: 2, endLsn: 0x3ffffff })).toBe(
      'recovery ended at 0/3FFFFFF of timeline 2, and the archive goes on to 0/5000000',
    );
  });

  // The old primary had archived more than the new one took over, and the new timeline has nothing yet.
  it('says nothing of another timeline, nor when it is not known', () => {
    expect(shortOfEnd(end, { timeline: 3, endLsn: 0x3000000 })).toBeUndefined();
    expect(shortOfEnd(end, undefined)).toBeUndefined();
    expect(shortOfEnd({ ...end, last: undefined }, { timeline: 2, endLsn: 1 })).toBeUndefined();
  });
});
