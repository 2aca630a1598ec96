import { describe, expect, it } from 'vitest';

import { restartPlan, type MemberNeed } from '../../../src/operations/member-restart/order.ts';

const member = (host: string, from?: number, to?: number): MemberNeed => ({
  host,
  isPrimary: host === 'pg1',
  isPending: from !== undefined,
  reasons: from === undefined ? {} : { max_connections: { old_value: String(from), new_value: String(to) } },
});
const all = { hosts: [], isPendingOnly: false, isRolling: true };
const names = (plan: ReturnType<typeof restartPlan>): string[] => plan.order.map(({ host }) => host);

describe('restartPlan', () => {
  it('raises on standbys first and moves the primary before its own restart', () => {
    const plan = restartPlan([member('pg1', 100, 200), member('pg2', 100, 200), member('pg3', 100, 200)], all);
    expect(names(plan)).toEqual(['pg2', 'pg3', 'pg1']);
    expect(plan.hasSwitchover).toBe(true);
  });

  it('lowers on the primary first, in place: another primary would bring the old value back', () => {
    const plan = restartPlan([member('pg1', 200, 100), member('pg2', 200, 100), member('pg3')], all);
    expect(names(plan)).toEqual(['pg1', 'pg2', 'pg3']);
    expect(plan).toMatchObject({ isLowering: true, hasSwitchover: false });
  });

  it('does not move the primary for a standby, nor where there is no other member', () => {
    expect(restartPlan([member('pg1'), member('pg2')], { ...all, hosts: ['pg2'] }).hasSwitchover).toBe(false);
    expect(restartPlan([member('pg1')], all).hasSwitchover).toBe(false);
  });

  it('takes only those that wait, if told so', () => {
    const plan = restartPlan([member('pg1'), member('pg2', 1, 2)], { ...all, isPendingOnly: true });
    expect(names(plan)).toEqual(['pg2']);
  });
});
