import { describe, expect, it } from 'vitest';

import type { Problem } from '../../../../src/cluster/picture.ts';
import { costsRedundancy } from '../../../../src/operations/drill/redundancy.ts';

const problem = (id: string, more: Partial<Problem> = {}): Problem => ({ id, severity: 'degraded', text: id, ...more });

describe('what costs redundancy', () => {
  it.each([
    ...['host-unreachable', 'no-leader', 'two-primaries', 'paused', 'failsafe', 'disk-full', 'durability', 'lag'],
    ...['standby-missing', 'standby-drained', 'timeline', 'etcd-majority', 'etcd-down', 'pooler-down', 'proxy-down'],
    ...['patroni-down', 'vip-unheld', 'vip-twice', 'endpoint-down', 'etcd-that-nobody-has-thought-of'],
  ])('%s', (id) => {
    expect(costsRedundancy(problem(id))).toBe(true);
    expect(costsRedundancy(problem(id, { severity: 'notice' }))).toBe(false);
  });

  it.each([
    ...['no-backup', 'backup-old', 'repository-away', 'archive-stuck', 'certificate', 'pending-restart'],
    ...[
      'partition-missing',
      'partition-policy',
      'partition-timer',
      'cdc-slot-copies',
      'spec-not-applied',
      'file-changed',
    ],
  ])('not %s', (id) => {
    expect(costsRedundancy(problem(id))).toBe(false);
  });

  it('a unit, when the member or an address hangs on it', () => {
    const down = (unit: string): boolean => costsRedundancy(problem('unit-down', { unit }));
    expect([down('patroni.service'), down('keepalived.service')]).toEqual([true, true]);
    expect([down('pgscale-partitions.timer'), down('pgscale-slots.service')]).toEqual([false, false]);
  });
});
