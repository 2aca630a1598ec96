import { describe, expect, it } from 'vitest';

import { slotPictures, slotProblems } from '../../../src/cluster/slots.ts';
import type { LogicalSlot } from '../../../src/sql/slot.ts';
import { logicalSlot } from '../../support/logical-slot.ts';
import { specOf } from '../../support/target.ts';

const SPEC = specOf(3, { cdc: [{ name: 'feed', tables: ['orders'] }] });
const COPY = logicalSlot('feed', { isSynced: true, isActive: false });

function problems(own: readonly LogicalSlot[], pg2: readonly LogicalSlot[] = [COPY], pg3 = pg2): string[] {
  const members = new Map([
    ['pg1', own],
    ['pg2', pg2],
    ['pg3', pg3],
  ]);
  const slots = slotPictures(SPEC, 'pg1', members);
  return slotProblems(SPEC, slots, true).map(({ id, severity }) => `${severity} ${id}`);
}

describe('slotProblems', () => {
  it.each([
    ['a consumer that keeps up', [logicalSlot('feed')], [COPY], []],
    ['a stream without a slot', [], [], ['degraded cdc-slot-missing']],
    [
      'half of the WAL that it may keep',
      [logicalSlot('feed', { retainedBytes: 1024 ** 3 / 2 })],
      [COPY],
      ['degraded cdc-slot-limit'],
    ],
    ['more than it may keep', [logicalSlot('feed', { walStatus: 'unreserved' })], [COPY], ['degraded cdc-slot-limit']],
    ['no limit', [logicalSlot('feed', { retainedBytes: 1e12, limitBytes: null })], [COPY], []],
    ['lost', [logicalSlot('feed', { walStatus: 'lost', retainedBytes: null })], [COPY], ['degraded cdc-slot-lost']],
    ['no copy anywhere', [logicalSlot('feed')], [], ['degraded cdc-slot-copies']],
    [
      'a slot of somebody else',
      [logicalSlot('feed'), logicalSlot('mine', { isFailover: false })],
      [COPY],
      ['notice cdc-slot-unsafe'],
    ],
    [
      'a consumer that is away',
      [logicalSlot('feed', { isActive: false, inactiveSeconds: 3600 })],
      [COPY],
      ['notice cdc-consumer-away'],
    ],
  ])('%s', (_what, own, copies, expected) => {
    expect(problems(own, copies)).toEqual(expected);
  });

  it('one standby without a copy is worth knowing', () => {
    expect(problems([logicalSlot('feed')], [COPY], [])).toEqual(['notice cdc-slot-copies']);
  });

  it('tells how to begin again', () => {
    const slots = slotPictures(SPEC, 'pg1', new Map([['pg1', [logicalSlot('feed', { walStatus: 'lost' })]]]));
    expect(slotProblems(SPEC, slots, true)[0]?.text).toContain('pgscale cdc create feed --again');
  });
});

describe('slotPictures', () => {
  it('knows the share, who has a copy, and since when a consumer is away', () => {
    const own = logicalSlot('feed', { isActive: false, inactiveSeconds: 42, retainedBytes: 1024 ** 3 / 4 });
    const [slot] = slotPictures(
      SPEC,
      'pg1',
      new Map([
        ['pg1', [own]],
        ['pg3', [COPY]],
      ]),
    );
    expect(slot).toMatchObject({ retainedShare: 0.25, syncedOn: ['pg3'], standbys: ['pg2', 'pg3'], behindSeconds: 42 });
  });
});
