import { describe, expect, it } from 'vitest';

import { clusterView } from '../../../src/agent/guard/cluster-view.ts';
import type { EtcdKey } from '../../../src/agent/patroni-keys.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const PREFIX = '/pgscale/orders/';

function keys(entries: Record<string, unknown>): EtcdKey[] {
  return Object.entries(entries).map(([name, value]) => ({
    key: base64(`${PREFIX}${name}`),
    value: base64(typeof value === 'string' ? value : JSON.stringify(value)),
    lease: name === 'leader' ? '7587867' : '0',
  }));
}

const RUNNING = { state: 'running', role: 'replica', replication_state: 'streaming', tags: {} };
const WHOLE = {
  leader: 'pg1',
  config: { ttl: 20 },
  sync: { leader: 'pg1', sync_standby: 'pg2,pg3', quorum: 1 },
  'members/pg1': { state: 'running', role: 'primary' },
  'members/pg2': RUNNING,
  'members/pg3': RUNNING,
};
const view = (entries: Record<string, unknown>, member = 'pg1'): ReturnType<typeof clusterView> =>
  clusterView(keys(entries), { prefix: PREFIX, member }, 5);

describe("what the guard reads in Patroni's keys", () => {
  it('a whole cluster, from its leader', () => {
    expect(view(WHOLE)).toEqual({
      askedAtMs: 5,
      isLeader: true,
      leaseId: '7587867',
      leaseSeconds: undefined,
      leaseGrantedSeconds: undefined,
      isPaused: false,
      isMoving: false,
      canReplace: true,
      hasOthers: true,
      areVotersStale: false,
      idlePositionBytes: undefined,
    });
  });

  it('a standby that runs and does not stream, for who leads', () => {
    const pg3 = { state: 'running', replication_state: 'in archive recovery', xlog_location: 83_886_080 };
    const idle = { ...WHOLE, 'members/pg3': pg3 };
    expect(view(idle).idlePositionBytes).toBe(83_886_080);
    expect(view(idle, 'pg2').idlePositionBytes).toBeUndefined();
    expect(view({ ...WHOLE, 'members/pg3': { ...pg3, state: 'starting' } }).idlePositionBytes).toBeUndefined();
  });

  it.each([
    [{}, false],
    [{ leader: 'pg1', candidate: 'pg2' }, true],
    ['no JSON', true],
  ])('what Patroni was asked for: %j', (failover, isMoving) => {
    expect(view({ ...WHOLE, failover })).toMatchObject({ isMoving });
  });

  it('never gives the lease of somebody else', () => {
    expect(view(WHOLE, 'pg2')).toMatchObject({ isLeader: false, leaseId: undefined });
  });

  it.each<[string, Record<string, unknown>, object]>([
    ['a pause', { config: { pause: true } }, { isPaused: true }],
    ['a config that cannot be read counts as a pause', { config: 'nonsense' }, { isPaused: true }],
    ['a switchover under way', { failover: { leader: 'pg1' } }, { isMoving: true }],
    ['too few voters', { 'members/pg3': { ...RUNNING, state: 'stopped' } }, { canReplace: false }],
    ['a voter that may not lead', { 'members/pg3': { ...RUNNING, tags: { nofailover: true } } }, { canReplace: false }],
    ['one voter that is enough', { sync: { leader: 'pg1', sync_standby: 'pg2', quorum: 0 } }, { canReplace: true }],
    ['the old form of the key', { sync: { leader: 'pg1', sync_standby: 'pg2' } }, { canReplace: true }],
    ['a key of another leader', { sync: { leader: 'pg3', sync_standby: 'pg2', quorum: 0 } }, { canReplace: false }],
    ['no synchronous mode', { sync: {} }, { canReplace: false, areVotersStale: false }],
    [
      'a standby that streams without a vote',
      { sync: { leader: 'pg1', sync_standby: 'pg2', quorum: 0 } },
      { areVotersStale: true },
    ],
    ['a vote of the former primary', { sync: { leader: 'pg3', sync_standby: 'pg2,pg1' } }, { areVotersStale: true }],
    [
      'a voter that does not stream',
      { 'members/pg3': { ...RUNNING, replication_state: 'in archive recovery' } },
      { areVotersStale: true },
    ],
    [
      'a standby that may not vote',
      { sync: { leader: 'pg1', sync_standby: 'pg2' }, 'members/pg3': { ...RUNNING, tags: { nosync: true } } },
      { areVotersStale: false },
    ],
  ])('%s', (_, more, expected) => {
    expect(view({ ...WHOLE, ...more })).toMatchObject(expected);
  });
});
