import { describe, expect, it } from 'vitest';

import { candidatesOf, healthyPrimary } from '../../../../src/operations/failover/candidates.ts';
import { candidateLine, refusalOf, refuseSecondPrimary } from '../../../../src/operations/failover/index.ts';
import {
  parseElectionKeys,
  type ElectionKeys,
  type FailoverFacts,
  type MemberFacts,
} from '../../../../src/operations/failover/look.ts';
import { explainLeadership } from '../../../../src/operations/why.ts';

const gone = (name: string): MemberFacts => ({
  name,
  unreachable: 'no route',
  state: undefined,
  isFailsafe: false,
  row: undefined,
});
const standby = (name: string, position: number, timeline = 3): MemberFacts => ({
  name,
  unreachable: undefined,
  state: 'running',
  isFailsafe: false,
  row: { isInRecovery: true, timeline, position, lastCommitSeconds: 2 },
});
const primary = (name: string): MemberFacts => ({
  ...standby(name, 1000),
  row: { isInRecovery: false, timeline: 3, position: 1000, lastCommitSeconds: null },
});
const KEYS: ElectionKeys = {
  leader: 'pg1',
  isPaused: false,
  sync: { leader: 'pg1', voters: ['pg2', 'pg3'], quorum: 1 },
  lastPosition: 1000,
  noFailover: [],
  lagLimitBytes: 1_000_000,
};
const facts = (members: MemberFacts[], keys: Partial<ElectionKeys> | null = {}): FailoverFacts => ({
  members,
  keys: keys === null ? undefined : { ...KEYS, ...keys },
  synchronous: 1,
  etcd: { asked: 3, answering: keys === null ? 0 : 3 },
});

describe('the candidates of a failover', () => {
  it('the furthest of all voters has every acknowledged commit, the other one has not', () => {
    const [first, second, third] = candidatesOf(facts([gone('pg1'), standby('pg2', 900), standby('pg3', 950)]));
    expect(first).toMatchObject({ name: 'pg3', gapBytes: 0, isSynchronous: true, excluded: null });
    expect(second).toMatchObject({ name: 'pg2', gapBytes: 100 });
    expect(third).toMatchObject({ name: 'pg1', excluded: expect.stringContaining('cannot be reached') as string });
  });

  it('one voter of two that have to be asked may lack what the other confirmed', () => {
    const [first] = candidatesOf(facts([gone('pg1'), standby('pg2', 1000), gone('pg3')]));
    expect(first).toMatchObject({ name: 'pg2', gapBytes: 1, excluded: null });
  });

  it('an asynchronous one, and what is not known', () => {
    const asynchronous = { sync: { leader: 'pg1', voters: ['pg3'], quorum: 0 } };
    expect(candidatesOf(facts([standby('pg2', 400)], asynchronous))[0]).toMatchObject({ gapBytes: 600, gapSeconds: 2 });
    expect(candidatesOf(facts([standby('pg2', 400)], null))[0]).toMatchObject({ gapBytes: null });
  });

  it.each<[string, MemberFacts, Partial<ElectionKeys>, RegExp]>([
    ['another timeline', standby('pg2', 999, 2), {}, /timeline 2, others are on 3/u],
    ['a tag', standby('pg2', 999), { noFailover: ['pg2'] }, /nofailover/u],
    ['no Patroni', { ...standby('pg2', 999), state: undefined }, {}, /Patroni does not answer/u],
    ['no PostgreSQL', { ...standby('pg2', 999), row: undefined }, {}, /takes no connections/u],
  ])('%s excludes', (_, member, keys, why) => {
    const found = candidatesOf(facts([member, standby('pg3', 10)], keys)).find(({ name }) => name === 'pg2');
    expect(found?.excluded).toMatch(why);
  });

  it('a gap has to be accepted, in bytes', () => {
    const candidate = { ...candidatesOf(facts([standby('pg2', 400)]))[0]!, gapBytes: 600 };
    expect(refusalOf(candidate, {})).toContain('--allow-data-loss 600');
    expect(refusalOf(candidate, { allowDataLossBytes: 599 })).toContain('600');
    expect(refusalOf(candidate, { allowDataLossBytes: 600 })).toBeUndefined();
    expect(refusalOf({ ...candidate, gapBytes: null }, {})).toContain('nobody knows');
    expect(refusalOf({ ...candidate, gapBytes: 0 }, {})).toBeUndefined();
  });

  it('a refusal shows all that is known of each', () => {
    const [first, second, third] = candidatesOf(
      facts([gone('pg1'), standby('pg2', 900, 2), standby('pg3', 950)], {
        sync: { leader: 'pg1', voters: [], quorum: 0 },
      }),
    ).map(candidateLine);
    expect(first).toBe('pg3: asynchronous, timeline 3, position 0/3B6, lacks 50 bytes, last commit 2 s ago, can lead');
    expect(second).toBe(
      'pg2: asynchronous, timeline 2, position 0/384, lacks 100 bytes, last commit 2 s ago, cannot lead: it is on timeline 2, others are on 3',
    );
    expect(third).toMatch(/^pg1: asynchronous, timeline not known, .* cannot lead: its host cannot be reached/u);
  });

  it('a primary that leads and takes writes is healthy; one that lost the key is not', () => {
    const pg1 = primary('pg1');
    expect(healthyPrimary(facts([pg1]))).toBe('pg1');
    expect(healthyPrimary(facts([pg1], { leader: 'pg2' }))).toBeUndefined();
    expect(healthyPrimary(facts([pg1], null))).toBeUndefined();
    expect(healthyPrimary(facts([{ ...pg1, isFailsafe: true }], null))).toBe('pg1');
  });
});

describe('a member that takes writes and does not lead', () => {
  const withoutPatroni = { ...primary('pg1'), state: undefined };

  it.each<[string, MemberFacts, RegExp]>([
    [
      'without Patroni',
      withoutPatroni,
      /pg1 takes writes without Patroni: start it \(systemctl start patroni\.service\)/u,
    ],
    ['beside Patroni', primary('pg1'), /pg1 takes writes and does not hold the leader key/u],
  ])('%s keeps every other from being made the primary', (_, member, why) => {
    const what = facts([member, standby('pg2', 1000), standby('pg3', 1000)], { isPaused: true, leader: undefined });
    expect(() => refuseSecondPrimary(what)).toThrow(
      expect.objectContaining({ code: 'PGS_SECOND_PRIMARY', why: expect.stringMatching(why) as string }),
    );
    expect(explainLeadership(what).reasons[1]).toMatchObject({
      id: 'stray-primary',
      text: expect.stringMatching(why) as string,
    });
  });

  it('is not there when the primary is gone, or leads', () => {
    expect(() => refuseSecondPrimary(facts([gone('pg1'), standby('pg2', 1000)]))).not.toThrow();
    expect(() => refuseSecondPrimary(facts([primary('pg1'), standby('pg2', 1000)]))).not.toThrow();
  });
});

describe('why', () => {
  const ids = (what: FailoverFacts): string[] => explainLeadership(what).reasons.map(({ id }) => id);

  it.each<[string, FailoverFacts, string[]]>([
    ['etcd without a majority', facts([standby('pg2', 1)], null), ['etcd-majority']],
    [
      'a pause',
      facts([gone('pg1'), standby('pg2', 9), standby('pg3', 9)], { isPaused: true }),
      ['paused', 'leader-unreachable', 'excluded'],
    ],
    [
      'too few voters',
      facts([gone('pg1'), standby('pg2', 9), gone('pg3')]),
      ['leader-unreachable', 'quorum', 'excluded', 'excluded'],
    ],
    [
      'nobody who may lead',
      facts([gone('pg1'), standby('pg2', 9), standby('pg3', 9)], { noFailover: ['pg2', 'pg3'] }),
      ['leader-unreachable', 'no-candidate', 'excluded', 'excluded', 'excluded'],
    ],
    [
      'all too far behind',
      facts([gone('pg1'), standby('pg2', 9), standby('pg3', 9)], { lastPosition: 2_000_000 }),
      ['leader-unreachable', 'excluded', 'lag'],
    ],
    ['failsafe mode', facts([{ ...primary('pg1'), isFailsafe: true }, standby('pg2', 9)], null), ['failsafe']],
    ['a leader, and somebody to take over', facts([primary('pg1'), standby('pg2', 9)]), []],
    [
      'a leader alone',
      facts([primary('pg1'), standby('pg2', 9)], { noFailover: ['pg2'] }),
      ['no-candidate', 'excluded'],
    ],
    ['nobody holds the key', facts([standby('pg2', 9), standby('pg3', 9)], { leader: undefined }), ['no-leader']],
  ])('%s', (_, what, expected) => {
    expect(ids(what)).toEqual(expected);
  });

  it('says who surely has the last commits: the primary that was, alone when it had no synchronous standby', () => {
    const reason = (sync: ElectionKeys['sync']) =>
      explainLeadership(facts([gone('pg1'), standby('pg2', 9)], { leader: undefined, sync })).reasons.find(
        ({ id }) => id === 'quorum',
      );
    expect(reason({ leader: 'pg1', voters: [], quorum: 0 })).toEqual({
      id: 'quorum',
      text: 'pg1 was without a synchronous standby: it alone is sure to have the last commits',
      next: 'bring pg1 back, or pgscale failover --allow-data-loss BYTES',
    });
    expect(reason({ leader: 'pg1', voters: ['pg2', 'pg3'], quorum: 1 })?.next).toMatch(
      /^bring pg1 or a synchronous standby back,/u,
    );
  });
});

describe("Patroni's keys as etcdctl prints them", () => {
  it('are read, and what is missing is left open', () => {
    const base64 = (text: string): string => Buffer.from(text).toString('base64');
    const kvs = Object.entries({
      leader: 'pg1',
      config: '{"pause":true,"maximum_lag_on_failover":1048576}',
      sync: '{"leader":"pg1","sync_standby":"pg2,pg3","quorum":1}',
      status: '{"optime":77}',
      'members/pg2': '{"state":"running","tags":{"nofailover":true}}',
      'members/pg3': '{"state":"running"}',
      'members/pg4': '{"state":"running","tags":{"failover_priority":0}}',
    }).map(([key, value]) => ({ key: base64(`/pgscale/orders/${key}`), value: base64(value) }));
    expect(parseElectionKeys(JSON.stringify({ kvs }), '/pgscale/orders/')).toEqual({
      leader: 'pg1',
      isPaused: true,
      sync: { leader: 'pg1', voters: ['pg2', 'pg3'], quorum: 1 },
      lastPosition: 77,
      noFailover: ['pg2', 'pg4'],
      lagLimitBytes: 1_048_576,
    });
    expect(parseElectionKeys('{}', '/x/')).toMatchObject({
      leader: undefined,
      isPaused: false,
      lastPosition: undefined,
    });
  });
});
