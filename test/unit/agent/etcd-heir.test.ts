import { describe, expect, it } from 'vitest';

import { etcdHeirs, isEtcdLeader, type EtcdStatus } from '../../../src/agent/etcd-heir.ts';

const member = (id: string, more: Partial<EtcdStatus> = {}): EtcdStatus => ({
  header: { member_id: id },
  leader: '1',
  raftIndex: '1779',
  ...more,
});
const own = member('1');
const idsOf = (statuses: EtcdStatus[]): string[] => statuses.map(({ header }) => header.member_id);

describe('the heirs of an etcd leader', () => {
  it('knows a leader by its own word', () => {
    expect(isEtcdLeader(own)).toBe(true);
    expect(isEtcdLeader(member('2'))).toBe(false);
  });

  it('are those that follow it, the furthest first, also beyond 2^53', () => {
    const others = [member('2', { raftIndex: '9007199254740992' }), member('3', { raftIndex: '9007199254740993' })];
    expect(idsOf(etcdHeirs(own, others))).toEqual(['3', '2']);
  });

  it('are none that is just back from a cut, a learner, or led by another', () => {
    const candidate = { header: { member_id: '2' }, raftIndex: '1760' };
    expect(etcdHeirs(own, [candidate, member('3', { isLearner: true }), member('4', { leader: '2' })])).toEqual([]);
  });
});
