import { describe, expect, it } from 'vitest';

import { clusterAnswer } from '../../../../src/components/patroni/answers.ts';
import { logicalSlot } from '../../../support/logical-slot.ts';
import {
  bestCandidate,
  lacksOnlyVote,
  preflight,
  type PreflightFacts,
} from '../../../../src/operations/switchover/preflight.ts';

const replication = (name: string, syncState: string, replayLagBytes: number) => ({
  name,
  address: null,
  state: 'streaming',
  syncState,
  sentLagBytes: 0,
  writeLagBytes: 0,
  flushLagBytes: 0,
  replayLagBytes,
  writeLagSeconds: null,
  flushLagSeconds: null,
  replayLagSeconds: null,
});

interface Change {
  tags?: object;
  lag?: number;
  row?: Partial<PreflightFacts['row']>;
  slots?: PreflightFacts['slots'];
}

function facts(change: Change = {}): PreflightFacts {
  const member = (name: string, role: string, tags: object = {}) => ({
    ...{ name, role, state: 'running', api_url: '', timeline: 4, tags },
  });
  return {
    synchronous: 1,
    cluster: clusterAnswer.parse({
      members: [member('pg1', 'leader'), member('pg2', 'quorum_standby', change.tags), member('pg3', 'replica')],
    }),
    primary: 'pg1',
    row: {
      timeline: 4,
      longTransactions: [],
      preparedTransactions: 0,
      isArchiving: false,
      archiveBacklog: 0,
      isArchiveFailing: false,
      replication: [replication('pg2', 'quorum', change.lag ?? 0), replication('pg3', 'async', 0)],
      ...change.row,
    },
    pauseTimeoutMs: 5000,
    slots: change.slots ?? new Map(),
    poolers: [],
    proxies: [],
    unreachable: [],
  };
}

const verdicts = (found: PreflightFacts, to: string): Record<string, string> =>
  Object.fromEntries(preflight(found, to).map(({ item, verdict }) => [item, verdict]));

describe('preflight', () => {
  it('finds nothing against a healthy standby', () => {
    expect(new Set(Object.values(verdicts(facts(), 'pg2')))).toEqual(new Set(['ok']));
  });

  it.each([
    ['an asynchronous standby of a synchronous cluster', facts(), 'pg3', 'sync state'],
    ['a tagged standby', facts({ tags: { nofailover: true } }), 'pg2', 'tags'],
    ['a standby that is too far behind', facts({ lag: 2 * 1024 ** 2 }), 'pg2', 'lag'],
    ['a standby on another timeline', facts({ row: { timeline: 5 } }), 'pg2', 'timeline'],
    ['an archive that fails', facts({ row: { isArchiving: true, isArchiveFailing: true } }), 'pg2', 'archiving'],
  ])('fails %s', (_, found, to, item) => {
    expect(verdicts(found, to)[item]).toBe('fail');
  });

  it('warns of long transactions, which only a PAUSE can judge', () => {
    const row = { longTransactions: [{ pid: 7, application: 'report', seconds: 60 }] };
    expect(verdicts(facts({ row }), 'pg2').transactions).toBe('warn');
  });
});

describe('lacksOnlyVote', () => {
  const mute = { replication: [replication('pg2', 'async', 0), replication('pg3', 'async', 0)] };
  const away = { replication: [{ ...replication('pg3', 'async', 0), state: 'catchup' }] };

  it.each([
    ['of the standby that was named', facts(), 'pg3', true],
    ['of every standby, and none was named', facts({ row: mute }), undefined, true],
  ])('waits for the vote %s', (_, found, to, expected) => {
    expect(lacksOnlyVote(found, to)).toBe(expected);
  });

  it.each([
    ['who was named has one', facts(), 'pg2'],
    ['another one has one, and none was named', facts(), undefined],
    ['who was named does not stream', facts({ row: away }), 'pg3'],
    ['who was named is the primary', facts(), 'pg1'],
    ['who was named may not lead', facts({ row: mute, tags: { nofailover: true } }), 'pg2'],
  ])('does not wait when %s', (_, found, to) => {
    expect(lacksOnlyVote(found, to)).toBe(false);
  });
});

describe('bestCandidate', () => {
  it('takes the synchronous standby, and nobody when it may not', () => {
    expect(bestCandidate(facts())).toBe('pg2');
    expect(bestCandidate(facts({ tags: { nofailover: true } }))).toBeUndefined();
  });

  it('takes the one that is less behind among asynchronous ones', () => {
    const row = { replication: [replication('pg2', 'async', 500), replication('pg3', 'async', 10)] };
    expect(bestCandidate({ ...facts({ row }), synchronous: 0 })).toBe('pg3');
  });
});

describe('slots for change data capture', () => {
  const verdicts = (slots: PreflightFacts['slots']): string[] =>
    preflight(facts({ slots }), 'pg2')
      .filter(({ item }) => item === 'slots' || item === 'consumers')
      .map(({ item, verdict }) => `${item} ${verdict}`);
  const copy = logicalSlot('feed', { isSynced: true, isActive: false });
  const away = { isActive: false, inactiveSeconds: 7200 };

  it.each([
    ['no slot at all', [], [], []],
    ['a usable copy', [logicalSlot('feed')], [copy], ['slots ok']],
    ['no copy of one in use', [logicalSlot('feed')], [], ['slots fail']],
    ['a copy that is not synced', [logicalSlot('feed')], [logicalSlot('feed')], ['slots fail']],
    ['a copy that is lost', [logicalSlot('feed')], [{ ...copy, walStatus: 'lost' }], ['slots fail']],
    ['a consumer that has just gone', [logicalSlot('feed', { ...away, inactiveSeconds: 60 })], [], ['slots fail']],
    ['a consumer that is gone for long', [logicalSlot('feed', away)], [], ['slots warn']],
    ['a slot that never fails over', [logicalSlot('mine', { isFailover: false })], [], ['slots warn']],
    ['a slot that is lost', [logicalSlot('feed', { walStatus: 'lost' })], [], []],
    [
      'a consumer that is far behind',
      [logicalSlot('feed', { behindBytes: 1e9 })],
      [copy],
      ['slots ok', 'consumers fail'],
    ],
  ])('%s', (_what, own, candidates, expected) => {
    expect(
      verdicts(
        new Map([
          ['pg1', own],
          ['pg2', candidates],
        ]),
      ),
    ).toEqual(expected);
  });

  it('prefers the standby that has the copy', () => {
    const slots = new Map([
      ['pg1', [logicalSlot('feed')]],
      ['pg3', [copy]],
    ]);
    const row = { replication: [replication('pg2', 'quorum', 0), replication('pg3', 'quorum', 0)] };
    expect(bestCandidate(facts({ slots, row }))).toBe('pg3');
  });
});
