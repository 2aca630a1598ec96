import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { describe, expect, it } from 'vitest';

import { type KeyType, type Position, positionOf } from '../../../src/partitions/axis.ts';
import type { PartitionCatalog } from '../../../src/partitions/catalog.ts';
import { periodAt, periodsFrom } from '../../../src/partitions/grid.ts';
import { gaps, planRange, type RangeState } from '../../../src/partitions/plan-range.ts';
import type { RangePolicy } from '../../../src/partitions/policy.ts';
import { keptFrom } from '../../../src/partitions/retention.ts';
import { after, partition, rangePolicy, tableCatalog } from '../../support/partition-catalog.ts';

/** Half-hour changes, changes at midnight, changes over midnight, a skipped day (Samoa 2011), no changes. */
const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'America/Sao_Paulo',
  'America/Havana',
  'America/St_Johns',
  'Asia/Beirut',
  'Asia/Kolkata',
  'Australia/Lord_Howe',
  'Pacific/Apia',
  'Pacific/Chatham',
] as const;
const STEPS = ['hour', 'day', 'week', 'month', 'quarter', 'year'] as const;
/** More of them (`PGSCALE_PROPERTY_RUNS`) find what is rarer. */
const RUNS = Number(process.env.PGSCALE_PROPERTY_RUNS ?? 100);
const KEEPS = ['36 hours', '1 day', '29 days', '6 weeks', '1 month', '13 months', '1 year', '4 years'] as const;

const instant = fc.oneof(
  fc.integer({ min: Date.UTC(1985, 0, 1), max: Date.UTC(2040, 0, 1) }),
  // Near leap days and near the changes of clocks.
  fc
    .tuple(
      fc.constantFrom(
        Date.UTC(2024, 1, 29),
        Date.UTC(2028, 1, 29),
        Date.UTC(2011, 11, 30),
        Date.UTC(2026, 2, 29),
        Date.UTC(2026, 9, 25),
        Date.UTC(2006, 9, 29),
        Date.UTC(2018, 10, 4),
      ),
      fc.integer({ min: -172_800_000, max: 172_800_000 }),
    )
    .map(([at, off]) => at + off),
);
const timePolicy = fc
  .record({
    step: fc.constantFrom(...STEPS),
    timeZone: fc.constantFrom(...ZONES),
    ahead: fc.integer({ min: 1, max: 6 }),
    keep: fc.option(fc.oneof(fc.constantFrom(...KEEPS), fc.integer({ min: 1, max: 5 }))),
    action: fc.constantFrom('drop', 'detach'),
  })
  .map(({ step, timeZone, ahead, keep, action }) =>
    rangePolicy({
      step,
      ahead,
      timeZone: step === 'hour' ? 'UTC' : timeZone,
      ...(keep === null ? {} : { retention: { keep, action } }),
    }),
  );
const idPolicy = fc
  .record({
    step: fc.integer({ min: 1, max: 1_000_000 }),
    ahead: fc.integer({ min: 1, max: 6 }),
    keep: fc.option(fc.integer({ min: 1, max: 5 })),
  })
  .map(({ step, ahead, keep }) =>
    rangePolicy({ step, ahead, ...(keep === null ? {} : { retention: { keep, action: 'drop' } }) }),
  );

interface Case {
  readonly policy: RangePolicy;
  readonly type: KeyType;
  readonly now: Position;
}

const someCase: fc.Arbitrary<Case> = fc.oneof(
  fc
    .record({ policy: timePolicy, type: fc.constantFrom<KeyType>('timestamptz', 'timestamp', 'date'), at: instant })
    .map(({ policy, type, at }) => ({
      policy: type === 'date' && policy.step === 'hour' ? { ...policy, step: 'day' as const } : policy,
      type,
      now: positionOf(Temporal.Instant.fromEpochMilliseconds(at), type, policy.timeZone),
    })),
  fc.record({
    policy: idPolicy,
    type: fc.constant<KeyType>('int8'),
    now: fc.bigInt({ min: -1_000_000n, max: 10_000_000_000n }),
  }),
);

/** Partitions as people leave them: cut anyhow, with gaps, some older than the retention, some far ahead. */
const oddities = fc.array(
  fc.record({
    skip: fc.integer({ min: 0, max: 3 }),
    shift: fc.double({ min: 0, max: 0.9, noNaN: true }),
    isPending: fc.boolean(),
  }),
  { maxLength: 8 },
);

function handMade(
  { policy, type, now }: Case,
  odd: readonly { skip: number; shift: number; isPending: boolean }[],
): PartitionCatalog[] {
  const partitions: PartitionCatalog[] = [];
  let at = now;
  for (let back = 0; back < 6; back++) at = periodAt(policy, type, at - 1n).lower;
  for (const [index, { skip, shift, isPending }] of odd.entries()) {
    const periods = periodsFrom(policy, type, at, skip + 2);
    const last = periods[skip]!;
    const cut = BigInt(Math.floor(Number(last.upper - last.lower) * shift));
    const lower = last.lower > at ? last.lower : at;
    const upper = last.upper + (type === 'date' ? 0n : cut);
    const isOnly = isPending && !partitions.some((each) => each.isDetachPending);
    partitions.push(partition(`hand_${index}`, { lower, upper }, { isDetachPending: isOnly }));
    at = upper;
  }
  return partitions;
}

function overlaps(partitions: readonly PartitionCatalog[]): boolean {
  const inOrder = partitions.toSorted((a, b) => (a.lower! < b.lower! ? -1 : 1));
  return inOrder.some((each, index) => index > 0 && inOrder[index - 1]!.upper! > each.lower!);
}

describe('periods', () => {
  it('hold the position that they are asked for, and follow each other without a hole or an overlap', () => {
    fc.assert(
      fc.property(someCase, ({ policy, type, now }) => {
        const first = periodAt(policy, type, now);
        expect(first.lower <= now && now < first.upper).toBe(true);
        const periods = periodsFrom(policy, type, now, 30);
        for (const [index, each] of periods.entries()) {
          expect(each.lower < each.upper).toBe(true);
          if (index > 0) expect(each.lower).toBe(periods[index - 1]!.upper);
        }
        expect(new Set(periods.map(({ name }) => name)).size).toBe(30);
      }),
      { numRuns: RUNS },
    );
  });

  it('are the same for every position in them', () => {
    fc.assert(
      fc.property(
        someCase,
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        ({ policy, type, now }, part) => {
          const period = periodAt(policy, type, now);
          const inside = period.lower + BigInt(Math.floor(Number(period.upper - period.lower) * part));
          expect(periodAt(policy, type, inside)).toEqual(period);
          expect(periodAt(policy, type, period.upper - 1n)).toEqual(period);
        },
      ),
      { numRuns: RUNS },
    );
  });
});

describe('a rotation', () => {
  it('never overlaps, leaves no hole up to `ahead` periods from now, and then has nothing more to do', () => {
    fc.assert(
      fc.property(someCase, oddities, (each, odd) => {
        const { policy, type, now } = each;
        const before = handMade(each, odd);
        const state = (found: RangeState['found']): RangeState => ({ policy, type, now, found });
        const start = tableCatalog(before);
        const once = after(start, planRange(state(start)));
        expect(overlaps(once.partitions)).toBe(false);
        const until = periodsFrom(policy, type, now, policy.ahead + 1).at(-1)!.upper;
        const kept = keptFrom(policy, type, now);
        const oldest = once.partitions.reduce((least, { lower }) => (lower! < least ? lower! : least), now);
        expect(gaps(once.partitions, kept === undefined || oldest > kept ? oldest : kept, until)).toEqual([]);
        expect(planRange(state(once)).filter(({ kind }) => kind !== 'summarize')).toEqual([]);
      }),
      { numRuns: RUNS },
    );
  });

  it('cut off after any action, the next one comes to the same partitions', () => {
    fc.assert(
      fc.property(someCase, oddities, fc.nat(), (each, odd, cut) => {
        const { policy, type, now } = each;
        const state = (found: RangeState['found']): RangeState => ({ policy, type, now, found });
        const start = tableCatalog(handMade(each, odd));
        const actions = planRange(state(start));
        const half = after(start, actions.slice(0, cut % (actions.length + 1)));
        const bounds = (found: RangeState['found']): string[] =>
          found.partitions.map(({ lower, upper }) => `${lower!} ${upper!}`).sort();
        expect(bounds(after(half, planRange(state(half))))).toEqual(bounds(after(start, actions)));
      }),
      { numRuns: RUNS },
    );
  });

  it('touches no partition that may hold a row inside the retention', () => {
    fc.assert(
      fc.property(someCase, oddities, (each, odd) => {
        const { policy, type, now } = each;
        const found = tableCatalog(handMade(each, odd));
        const kept = keptFrom(policy, type, now);
        for (const action of planRange({ policy, type, now, found })) {
          if (action.kind !== 'detach' && action.kind !== 'drop') continue;
          const { upper } = found.partitions.find(({ id }) => id === action.id)!;
          expect(kept !== undefined && upper! <= kept && kept <= now).toBe(true);
        }
      }),
      { numRuns: RUNS },
    );
  });

  it('keeps every row that is younger than so many hours, whatever clocks did since', () => {
    const rows = fc.record({
      hours: fc.constantFrom(24, 25, 36, 72, 720, 4400),
      timeZone: fc.constantFrom(...ZONES),
      type: fc.constantFrom<KeyType>('timestamptz', 'timestamp', 'date'),
      at: instant,
      age: fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0.9999, max: 1, noNaN: true })),
    });
    fc.assert(
      fc.property(rows, ({ hours, timeZone, type, at, age }) => {
        const now = Temporal.Instant.fromEpochMilliseconds(at);
        const written = now.subtract({ milliseconds: Math.floor(hours * 3_600_000 * age) });
        const policy = rangePolicy({ timeZone, step: 'day', retention: { keep: `${hours} hours`, action: 'drop' } });
        const kept = keptFrom(policy, type, positionOf(now, type, timeZone))!;
        expect(kept <= positionOf(written, type, timeZone)).toBe(true);
      }),
      { numRuns: 10 * RUNS },
    );
  });

  it('keeps for at least as long as the calendar says', () => {
    fc.assert(
      fc.property(someCase, ({ policy, type, now }) => {
        const kept = keptFrom(policy, type, now);
        const keep = policy.retention?.keep;
        if (kept === undefined || keep === undefined) return;
        if (typeof keep === 'number') {
          const later = periodsFrom(policy, type, kept, keep + 1).at(-1)!;
          expect(later.lower <= now && now < later.upper).toBe(true);
          return;
        }
        const [amount, unit] = keep.split(' ');
        const shortest = { hour: 1, day: 23, week: 167, month: 671, year: 8759 }[unit!.replace(/s$/u, '')]!;
        expect((now - kept) / 3_600_000_000n >= BigInt(Number(amount) * shortest)).toBe(true);
      }),
      { numRuns: RUNS },
    );
  });
});
