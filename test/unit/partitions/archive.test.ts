import { Temporal } from 'temporal-polyfill';
import { describe, expect, it } from 'vitest';

import { withoutForeignKeys } from '../../../src/agent/rotation/bring-back.ts';
import { archiving, attaching } from '../../../src/operations/partition/change.ts';
import { type Position, positionOf } from '../../../src/partitions/axis.ts';
import type { TableCatalog } from '../../../src/partitions/catalog.ts';
import { type Mark, withMark } from '../../../src/partitions/mark.ts';
import { planTables } from '../../../src/partitions/plan-table.ts';
import { scriptOf, statementsOf } from '../../../src/partitions/statements.ts';
import type { TablePlan } from '../../../src/partitions/plan.ts';
import type { RangePolicy } from '../../../src/partitions/policy.ts';
import { partition, rangePolicy, tableCatalog } from '../../support/partition-catalog.ts';

const at = (time: string): Position => positionOf(Temporal.Instant.from(`${time}T00:00Z`), 'timestamptz', 'UTC');
const old = { lower: at('2026-05-01'), upper: at('2026-06-01') };
const THERE = partition('events_all', { lower: at('2026-06-01'), upper: at('2028-01-01') });

function planned(
  found: TableCatalog,
  retention: NonNullable<RangePolicy['retention']> = { keep: '2 months', action: 'archive' },
): TablePlan {
  const policy = rangePolicy({ ahead: 1, retention });
  const catalog = { now: at('2026-11-28'), tables: [{ table: policy.table, found }] };
  const [plan] = planTables([policy], { catalog, highestIds: new Map() });
  return plan!;
}

function steps({ actions }: TablePlan): string[] {
  return actions.map(({ kind, id }) => `${kind} ${id}`);
}

function detached(then: Mark['then']): TableCatalog {
  const mark = withMark({ of: 'public.events', then, ...old }, null);
  const apart = { id: 'public.events_2026_05', name: 'events_2026_05', rows: 1, bytes: 1, foreignKeys: [], mark };
  return tableCatalog([THERE], { apart: [apart] });
}

describe('what is to be archived', () => {
  it('is detached, archived, and only then dropped', () => {
    const plan = planned(tableCatalog([partition('events_2026_05', old), THERE]));
    expect(steps(plan)).toEqual([
      'detach public.events_2026_05',
      'archive public.events_2026_05',
      'drop public.events_2026_05',
    ]);
    expect(plan.actions[0]).toMatchObject({ mark: { then: 'archive' } });
  });

  it('is archived still when the run was cut off before', () => {
    expect(steps(planned(detached('archive')))).toEqual([
      'archive public.events_2026_05',
      'drop public.events_2026_05',
    ]);
    const pending = partition('events_2026_05', old, {
      isDetachPending: true,
      comment: withMark({ of: 'public.events', then: 'archive', ...old }, null),
    });
    expect(steps(planned(tableCatalog([pending, THERE])))).toEqual([
      'finalize public.events_2026_05',
      'archive public.events_2026_05',
      'drop public.events_2026_05',
    ]);
  });

  it.each([
    ['archive', 'drop', []],
    ['archive', 'detach', []],
    ['drop', 'archive', ['archive public.events_2026_05', 'drop public.events_2026_05']],
    ['keep', 'archive', []],
  ] as const)('is never just dropped: detached for %s, the policy says %s by now', (then, action, expected) => {
    expect(steps(planned(detached(then), { keep: '2 months', action }))).toEqual(expected);
  });

  it.each([
    ['archive', []],
    ['drop', ['create public.events_2026_10', 'attach public.events_2026_10']],
  ] as const)('leaves holes that a dump may fill again: %s', (action, made) => {
    const found = tableCatalog([
      partition('events_2026_09', { lower: at('2026-09-01'), upper: at('2026-10-01') }),
      partition('events_all', { lower: at('2026-11-01'), upper: at('2028-01-01') }),
    ]);
    expect(steps(planned(found, { keep: '12 months', action }))).toEqual(made);
  });

  it('comes back with the foreign keys that it lacks, before it is attached', () => {
    const definition = 'FOREIGN KEY (who) REFERENCES public.people(id)';
    const back = (isValid?: boolean): TablePlan => {
      const found = detached('keep');
      const own = isValid === undefined ? [] : [{ name: 'own', definition, isValid }];
      const apart = found.apart.map((each) => ({ ...each, foreignKeys: own }));
      const foreignKeys = [{ name: '"of whom"', definition, isValid: true }];
      return attaching(
        planned({ ...found, apart, foreignKeys }, { keep: '12 months', action: 'archive' }),
        'events_2026_05',
      );
    };
    const sql = (plan: TablePlan): string[] => plan.actions.flatMap((each) => statementsOf(plan, each).map(scriptOf));
    expect(sql(back()).slice(0, 2)).toEqual([
      `ALTER TABLE public.events_2026_05 ADD CONSTRAINT "of whom" ${definition} NOT VALID;`,
      'ALTER TABLE public.events_2026_05 VALIDATE CONSTRAINT "of whom";',
    ]);
    expect(sql(back(false))[0]).toBe('ALTER TABLE public.events_2026_05 VALIDATE CONSTRAINT own;');
    expect(steps(back(true))).toEqual(['attach public.events_2026_05']);
  });

  it('is restored without its foreign keys', () => {
    const kept =
      '; Archive\n219; 1259 16411 TABLE public FK CONSTRAINT postgres\n3335; 2606 16418 CONSTRAINT public a b postgres';
    expect(withoutForeignKeys(`${kept}\n3340; 2606 16420 FK CONSTRAINT public events_old of whom postgres`)).toBe(kept);
  });

  it('waits for no long reader before the next partition is there', () => {
    const pending = partition('events_2026_05', old, { isDetachPending: true });
    const now = partition('events_2026_11', { lower: at('2026-11-01'), upper: at('2026-12-01') });
    const kinds = planned(tableCatalog([pending, now])).actions.map(({ kind }) => kind);
    expect(kinds.indexOf('create')).toBeLessThan(kinds.indexOf('finalize'));
  });

  it('by hand: not one that is written to, nor one whose hole would be filled', () => {
    const partitions = [partition('a', { lower: at('2026-04-01'), upper: old.lower }), partition('b', old), THERE];
    const plan = planned(tableCatalog(partitions), { keep: '9 months', action: 'archive' });
    expect(steps(archiving(plan, 'a'))).toEqual(['detach public.a', 'archive public.a', 'drop public.a']);
    expect(() => archiving(plan, 'b')).toThrow('there are older partitions');
    expect(() => archiving(planned(tableCatalog([THERE])), 'events_all')).toThrow('is not over');
    expect(() => archiving(plan, 'c')).toThrow('has no partition c');
  });
});
