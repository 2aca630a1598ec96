import { describe, expect, it } from 'vitest';

import type { ClusterView } from '../../../src/agent/guard/cluster-view.ts';
import { Nudge } from '../../../src/agent/guard/nudge.ts';

const view = (askedAtMs: number, more: Partial<ClusterView> = {}): ClusterView => ({
  askedAtMs,
  isLeader: true,
  leaseId: '1',
  leaseSeconds: 12,
  leaseGrantedSeconds: 20,
  isPaused: false,
  isMoving: false,
  canReplace: true,
  hasOthers: true,
  areVotersStale: true,
  idlePositionBytes: undefined,
  ...more,
});

describe('waking Patroni', () => {
  it('happens once per look at etcd, while the votes are out of date', () => {
    const nudge = new Nudge();
    expect([1, 1, 2].map((at) => nudge.isDue(view(at)))).toEqual([true, false, true]);
    expect(nudge.isDue(view(3, { areVotersStale: false }))).toBe(false);
  });

  it('gives up where Patroni does not follow, and begins anew when the votes were right in between', () => {
    const nudge = new Nudge();
    const woken = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].filter((at) => nudge.isDue(view(at)));
    expect(woken).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    nudge.isDue(view(11, { areVotersStale: false }));
    expect(nudge.isDue(view(12))).toBe(true);
  });

  it('leaves a paused cluster alone', () => {
    expect(new Nudge().isDue(view(1, { isPaused: true }))).toBe(false);
  });
});
