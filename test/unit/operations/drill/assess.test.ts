import { describe, expect, it } from 'vitest';

import { outages } from '../../../../src/cluster/outage.ts';
import { assess, type RoundFacts } from '../../../../src/operations/drill/failover/assess.ts';
import { deadlines, promisedOutage } from '../../../../src/operations/drill/failover/deadlines.ts';
import { summaryOf } from '../../../../src/operations/drill/failover/summary.ts';
import { specOf } from '../../../support/target.ts';

const spec = specOf(3);
const [victim, heir] = spec.hosts;
const FAULT = 1_000_000;

function facts(part: Partial<RoundFacts> = {}): RoundFacts {
  return {
    number: 1,
    target: victim!,
    at: new Date(FAULT),
    primary: heir!.name,
    undoneMs: null,
    redundantMs: 20_000,
    missing: undefined,
    seen: {
      faultMs: FAULT,
      endMs: FAULT + 20_000,
      victim: victim!.address,
      acknowledged: [{ id: 1, atMs: FAULT + 1200, server: heir!.address }],
      writeErrors: [
        { atMs: FAULT - 500, kind: 'before' },
        { atMs: FAULT + 500, kind: 'after' },
      ],
      freshReads: [{ beginMs: FAULT + 50, endMs: FAULT + 80, server: heir!.address }],
      readErrors: [],
      transactions: [],
    },
    ...part,
  };
}

describe('assess', () => {
  it('a round that kept all promises', () => {
    const round = assess(facts(), [], spec);
    expect(round).toMatchObject({ victim: victim!.name, primary: heir!.name, lost: 0, cameBack: true, broken: [] });
    expect(round.times).toMatchObject({ writeMs: 1200, readMs: 80, redundantMs: 20_000 });
    expect(round.writeErrors).toEqual([{ kind: 'after', count: 1 }]);
  });

  it('a lost commit breaks a promise only where a standby is synchronous', () => {
    expect(assess(facts(), [1], spec).broken).toEqual(['1 acknowledged commits are lost']);
    const asynchronous = { ...spec, replication: { ...spec.replication, synchronous: 0 } };
    expect(assess(facts(), [1], asynchronous)).toMatchObject({ lost: 1, broken: [] });
  });

  it('a host that did not come back needed a hand', () => {
    const round = assess(facts({ redundantMs: null, primary: null, missing: '1 of 2 standbys stream' }), [], spec);
    expect(round.cameBack).toBe(false);
    expect(round.broken).toEqual([`${victim!.name} needed a hand: 1 of 2 standbys stream`]);
  });

  it('nobody wrote and nobody read', () => {
    const { seen } = facts();
    const round = assess(facts({ seen: { ...seen, acknowledged: [], freshReads: [] } }), [], spec);
    expect(round.broken).toEqual(['nobody took a write within 20 s', 'no new client could read within 20 s']);
  });
});

describe('summaryOf', () => {
  it('leaves out what a round does not have', () => {
    const whole = assess(facts(), [], spec);
    const failed = assess(facts({ redundantMs: null }), [1, 2], spec);
    const summary = summaryOf([whole, failed]);
    expect(summary.redundant).toEqual({ medianMs: 20_000, p95Ms: 20_000, worstMs: 20_000 });
    expect(summary).toMatchObject({ acknowledged: 2, lost: 2 });
    expect(summaryOf([]).write).toEqual({ medianMs: null, p95Ms: null, worstMs: null });
  });
});

describe('what is computed for a fault', () => {
  const computed = outages(spec)!;

  it('each kind has its figure, and a Patroni that comes back has none', () => {
    expect(promisedOutage({ kind: 'crash', process: 'postmaster' }, computed)).toBe(computed.crash);
    expect(promisedOutage({ kind: 'power', process: 'postmaster' }, computed)).toBe(computed.hostLoss);
    expect(promisedOutage({ kind: 'partition', process: 'postmaster' }, computed)).toBe(computed.networkCut);
    expect(promisedOutage({ kind: 'crash', process: 'patroni' }, computed)).toBeUndefined();
  });

  it('a Patroni that is frozen without a guard stays frozen until its lease is over', () => {
    const frozen = { kind: 'freeze', process: 'patroni' } as const;
    const bare = specOf(3, { failover: { guard: false } });
    const limits = deadlines(bare, frozen, outages(bare)!, 1000);
    expect(limits.stayMs).toBeGreaterThan(20_000);
    expect(limits.stayMs).toBeLessThan(limits.writeMs);
    expect(deadlines(spec, frozen, computed, 1000).stayMs).toBeLessThan(10_000);
    expect(deadlines(bare, { ...frozen, process: 'postmaster' }, outages(bare)!, 1000).stayMs).toBeLessThan(10_000);
  });

  it('the host takes a fault back by itself only after we gave up waiting', () => {
    for (const kind of ['freeze', 'partition'] as const) {
      const { writeMs, undoAfterMs } = deadlines(spec, { kind, process: 'patroni' }, computed, 1000);
      expect(writeMs).toBeGreaterThan(computed.hostLoss.worst * 1000);
      expect(undoAfterMs).toBeGreaterThan(writeMs);
    }
  });
});
