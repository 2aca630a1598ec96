import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { ClusterView } from '../../../src/agent/guard/cluster-view.ts';
import { decide, watching, type Action, type GuardState, type Observation } from '../../../src/agent/guard/decide.ts';
import type { GuardTimings } from '../../../src/agent/guard/settings.ts';
import { GUARD_TIMINGS } from '../../../src/components/agent/timings.ts';
import { patroniTimings } from '../../../src/components/patroni/timings.ts';
import { specOf } from '../../support/target.ts';

const TIMINGS: GuardTimings = {
  tickMs: 100,
  lookMs: 2000,
  postmasterMs: 200,
  patroniMs: 3000,
  steadyMs: 10_000,
  leaseFloorSeconds: 4,
  blindMs: 10_000,
  leaseMs: 30_000,
};

const LEADS: Omit<ClusterView, 'askedAtMs'> = {
  isLeader: true,
  leaseId: '7',
  leaseSeconds: 15,
  leaseGrantedSeconds: 20,
  isPaused: false,
  isMoving: false,
  canReplace: true,
  hasOthers: true,
  areVotersStale: false,
  idlePositionBytes: undefined,
};
const WELL: Omit<Observation, 'nowMs' | 'cluster'> = {
  postmaster: 'running',
  isStandby: false,
  patroni: 'running',
  processes: 0,
};

/** What is seen once an action is done. */
const AFTER: Partial<Record<Action['kind'], Partial<Observation>>> = {
  fence: { postmaster: 'crashed', patroni: 'gone', processes: 0 },
  start: { postmaster: 'stopped', patroni: 'running', isStandby: true },
  thaw: { patroni: 'running' },
};

interface Scene {
  seen?: Partial<Observation>;
  view?: Partial<ClusterView>;
  /** etcd answers nothing any more. */
  isBlind?: boolean;
  forMs?: number;
}

interface Played {
  readonly actions: Action['kind'][];
  readonly state: GuardState;
  /** From the beginning to the first thing that was done. */
  readonly atMs: number;
}

/** Looks every 100 ms while nothing changes, asks etcd when told to, and lets a fence and a revoke work at once. */
function playWith(timings: GuardTimings, scenes: readonly Scene[]): Played {
  let nowMs = 1000;
  let state = watching(nowMs);
  let cluster: ClusterView | undefined = { ...LEADS, ...scenes[0]?.view, askedAtMs: nowMs };
  const done: { kind: Action['kind']; atMs: number }[] = [];
  for (const { seen = {}, view = {}, isBlind, forMs = 5000 } of scenes) {
    let now = seen;
    for (const endMs = nowMs + forMs; nowMs < endMs; nowMs += TIMINGS.tickMs) {
      const decision = decide(state, { ...WELL, ...now, nowMs, cluster }, timings);
      state = decision.state;
      const { kind } = decision.action;
      const told = { ...LEADS, ...view, askedAtMs: nowMs };
      if (kind === 'look' && isBlind !== true) cluster = told;
      if (kind === 'revoke') cluster = { ...told, isLeader: false, leaseId: undefined };
      now = { ...now, ...AFTER[kind] };
      done.push({ kind, atMs: nowMs - 1000 });
    }
  }
  const acts = done.filter(({ kind }) => kind !== 'wait' && kind !== 'look');
  const actions = acts.map(({ kind }) => kind).filter((kind, index) => kind !== acts[index - 1]?.kind);
  return { actions, state, atMs: acts[0]?.atMs ?? Infinity };
}

const play = (scenes: readonly Scene[]): Played => playWith(TIMINGS, scenes);

describe('the guard', () => {
  it.each<[string, Scene[], Action['kind'][]]>([
    ['does nothing while all is well', [{ forMs: 60_000 }], []],
    ['acts on a crashed postmaster', [{ seen: { postmaster: 'crashed' } }], ['fence', 'revoke', 'start']],
    ['leaves a postmaster alone that was stopped', [{ seen: { postmaster: 'stopped' }, forMs: 60_000 }], []],
    ['waits a moment before it acts', [{ seen: { postmaster: 'crashed' }, forMs: 200 }, { forMs: 5000 }], []],
    [
      'leaves the crash recovery to Patroni when no synchronous standby is there',
      [{ seen: { postmaster: 'crashed' }, view: { canReplace: false } }],
      [],
    ],
    ['leaves a switchover alone', [{ seen: { postmaster: 'crashed' }, view: { isMoving: true } }], []],
    ['leaves a standby alone', [{ seen: { postmaster: 'crashed', isStandby: true } }], []],
    ['leaves a paused cluster alone', [{ seen: { patroni: 'gone' }, view: { isPaused: true }, forMs: 60_000 }], []],
    ['waits for a Patroni that is restarted', [{ seen: { patroni: 'gone' }, forMs: 2500 }, { forMs: 60_000 }], []],
    ['acts on a Patroni that stays away', [{ seen: { patroni: 'gone' } }], ['fence', 'revoke', 'start']],
    ['acts on a Patroni that is frozen', [{ seen: { patroni: 'frozen' } }], ['fence', 'revoke', 'start']],
    ['has the frozen Patroni of a standby started again', [{ seen: { patroni: 'frozen', isStandby: true } }], ['thaw']],
    [
      'leaves it frozen while the cluster is paused',
      [{ seen: { patroni: 'frozen', isStandby: true }, view: { isPaused: true }, forMs: 60_000 }],
      [],
    ],
    [
      'acts on a Patroni that dies again and again',
      Array.from({ length: 8 }, (_, index) => ({
        seen: index % 2 === 0 ? { patroni: 'gone' as const } : {},
        forMs: 1200,
      })),
      ['fence', 'revoke', 'start'],
    ],
    [
      'forgets an absence after which Patroni ran for long',
      Array.from({ length: 8 }, (_, i) =>
        i % 2 === 0 ? { seen: { patroni: 'gone' as const }, forMs: 1200 } : { forMs: 11_000 },
      ),
      [],
    ],
    [
      'gives the lease back when systemd ended PostgreSQL with a Patroni that failed',
      [{ seen: { patroni: 'failed', postmaster: 'stopped' } }],
      ['fence', 'revoke', 'start'],
    ],
    [
      'and leaves it when nobody could take over',
      [{ seen: { patroni: 'failed', postmaster: 'stopped' }, view: { canReplace: false }, forMs: 60_000 }],
      [],
    ],
    [
      'leaves Patroni alone that was stopped with PostgreSQL',
      [{ seen: { patroni: 'gone', postmaster: 'stopped' }, forMs: 60_000 }],
      [],
    ],
    [
      'keeps a primary without a synchronous standby running while its lease lives',
      [{ seen: { patroni: 'gone' }, view: { canReplace: false }, forMs: 15_000 }],
      [],
    ],
    [
      'ends it without a revoke when the lease ends',
      [{ seen: { patroni: 'gone' }, view: { canReplace: false, leaseSeconds: 4 } }],
      ['fence', 'start'],
    ],
    [
      'ends a primary that does not lead any more',
      [{ seen: { patroni: 'gone' }, view: { isLeader: false, leaseId: undefined } }],
      ['fence', 'start'],
    ],
    ['acts when Patroni does not renew its lease', [{ view: { leaseSeconds: 3 } }], ['fence', 'revoke', 'start']],
    [
      'leaves a lone primary running',
      [{ seen: { patroni: 'gone' }, view: { canReplace: false, hasOthers: false, leaseSeconds: 0 }, forMs: 60_000 }],
      [],
    ],
    [
      'does not act on a crash when etcd is silent',
      [
        { isBlind: true, forMs: 1500 },
        { seen: { postmaster: 'crashed' }, isBlind: true, forMs: 60_000 },
      ],
      [],
    ],
    [
      'ends a primary without Patroni and etcd, and does not revoke',
      [{ seen: { patroni: 'gone' }, isBlind: true, forMs: 20_000 }],
      ['fence', 'start'],
    ],
  ])('%s', (_, scenes, expected) => {
    expect(play(scenes).actions).toEqual(expected);
  });

  const PROFILES = ['fast', 'normal', 'wan'] as const;
  const changes = PROFILES.flatMap((from) => PROFILES.map((to) => ({ from, to })));
  it.each(changes)('ends no primary while the profile changes, with clocks of $to and a lease of $from', (change) => {
    const { ttl, loopWait } = patroniTimings(specOf(3, { failover: { profile: change.from } }));
    const view = { leaseSeconds: ttl - loopWait - 1, leaseGrantedSeconds: ttl };
    const timings = { ...TIMINGS, ...GUARD_TIMINGS[change.to] };
    expect(playWith(timings, [{ view, forMs: 60_000 }]).actions).toEqual([]);
  });

  it('does not start Patroni, nor wait for a silent etcd, by the clocks of another profile', () => {
    const cluster = { ...LEADS, leaseGrantedSeconds: 60, askedAtMs: 0 };
    const releasing: GuardState = { phase: 'releasing', atMs: 0, sinceMs: 1, why: '' };
    const seen = { ...WELL, nowMs: 40_000, postmaster: 'crashed', patroni: 'gone', cluster } as const;
    expect(decide(releasing, seen, TIMINGS).action.kind).toBe('look');
    const blind = [{ isBlind: true, seen: { patroni: 'gone' as const }, forMs: 12_000 }];
    expect(playWith({ ...TIMINGS, blindMs: 30_000 }, blind).atMs).toBeLessThan(12_000);
  });

  it('is back to watching afterwards', () => {
    expect(play([{ seen: { postmaster: 'crashed' } }]).state.phase).toBe('watching');
  });

  it('acts within half a second of a crash', () => {
    expect(play([{ seen: { postmaster: 'crashed' } }]).atMs).toBeLessThanOrEqual(500);
  });

  it('does not count its own absence', () => {
    const state = decide(
      watching(0),
      { ...WELL, nowMs: 60_000, postmaster: 'crashed', cluster: undefined },
      TIMINGS,
    ).state;
    expect(state).toMatchObject({ phase: 'watching', crashedMs: 500 });
  });

  it('does not start Patroni, which could lead again, before the lease is known to be gone', () => {
    const releasing: GuardState = { phase: 'releasing', atMs: 0, sinceMs: 0, why: '' };
    const seen = { ...WELL, nowMs: 5000, postmaster: 'crashed', patroni: 'gone', cluster: undefined } as const;
    expect(decide(releasing, seen, TIMINGS).action.kind).toBe('look');
    expect(decide(releasing, { ...seen, nowMs: 31_000 }, TIMINGS).action.kind).toBe('start');
  });
});

/** Mostly what leads to a revoke, so that many are seen; now and then anything else. */
function mostly<T>(usual: T, ...others: T[]): fc.Arbitrary<T> {
  return fc.oneof({ weight: 8, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...others) });
}
const view = fc.record({
  ageMs: mostly(50, 450, 5000),
  isLeader: mostly(true, false),
  leaseId: mostly<string | undefined>('7', '8', undefined),
  leaseSeconds: mostly<number | undefined>(12, 2, undefined),
  leaseGrantedSeconds: mostly<number | undefined>(20, 60, undefined),
  isPaused: mostly(false, true),
  isMoving: mostly(false, true),
  canReplace: mostly(true, false),
  hasOthers: mostly(true, false),
  areVotersStale: fc.boolean(),
  idlePositionBytes: fc.constant(undefined),
});
const moment = fc.record({
  gapMs: mostly(300, 20, 3000),
  postmaster: mostly<Observation['postmaster']>('crashed', 'running', 'stopped'),
  isStandby: mostly(false, true),
  patroni: mostly<Observation['patroni']>('gone', 'failed', 'running', 'frozen'),
  processes: mostly<number | undefined>(0, 1, undefined),
  cluster: fc.option(view, { nil: undefined, freq: 8 }),
});

describe('whatever it sees', () => {
  it('the guard never revokes what it has not fenced, nor a lease that is not its own', () => {
    let revocations = 0;
    fc.assert(
      fc.property(fc.array(moment, { minLength: 5, maxLength: 40 }), (moments) => {
        let nowMs = 0;
        let state = watching(nowMs);
        let hasFenced = false;
        for (const { gapMs, cluster: drawn, ...seen } of moments) {
          nowMs += gapMs;
          const cluster = drawn === undefined ? undefined : { ...drawn, askedAtMs: nowMs - drawn.ageMs };
          const decision = decide(state, { ...seen, nowMs, cluster }, TIMINGS);
          ({ state } = decision);
          const { action } = decision;
          if (action.kind === 'fence') hasFenced = true;
          if (action.kind === 'revoke') {
            revocations += 1;
            expect(hasFenced).toBe(true);
            expect(seen.processes).toBe(0);
            expect(['gone', 'failed']).toContain(seen.patroni);
            expect(seen.postmaster).not.toBe('running');
            expect(cluster).toMatchObject({ isLeader: true, isPaused: false, leaseId: action.leaseId });
          }
          if (state.phase === 'watching') hasFenced = false;
        }
      }),
      { numRuns: 2000 },
    );
    expect(revocations).toBeGreaterThan(500);
  }, 120_000);
});
