import { stripVTControlCharacters } from 'node:util';

import { Temporal } from 'temporal-polyfill';
import { describe, expect, it } from 'vitest';

import { SESSION_SCRIPT, tableScript } from '../../../src/operations/partition/plan-script.ts';
import { partitionPlans } from '../../../src/operations/partition/plan.ts';
import { type Position, positionOf } from '../../../src/partitions/axis.ts';
import type { TableCatalog } from '../../../src/partitions/catalog.ts';
import { withMark } from '../../../src/partitions/mark.ts';
import { planTables } from '../../../src/partitions/plan-table.ts';
import { ROTATION_TIMINGS } from '../../../src/partitions/rotate.ts';
import { RotationRun } from '../../../src/partitions/rotation-run.ts';
import { OLDEST_RUNNING } from '../../../src/partitions/statements.ts';
import type { TablePlan } from '../../../src/partitions/plan.ts';
import type { RangePolicy } from '../../../src/partitions/policy.ts';
import { renderPartitionPlan } from '../../../src/ui/partition.ts';
import { partition, rangePolicy, tableCatalog } from '../../support/partition-catalog.ts';

const at = (time: string): Position => positionOf(Temporal.Instant.from(`${time}T00:00Z`), 'timestamptz', 'UTC');
const old = { lower: at('2026-05-01'), upper: at('2026-06-01') };
const OLD = partition('events_2026_05', old);
const THERE = partition('events_all', { lower: at('2026-06-01'), upper: at('2028-01-01') });

function planned(found: TableCatalog, action: NonNullable<RangePolicy['retention']>['action']): TablePlan {
  const policy = rangePolicy({ ahead: 1, retention: { keep: '2 months', action } });
  const catalog = { now: at('2026-11-28'), tables: [{ table: policy.table, found }] };
  return planTables([policy], { catalog, highestIds: new Map() })[0]!;
}

const YIELDS = '-- cancelled as soon as somebody waits behind it; the next try goes on';
const PROOF =
  "-- by its bounds, all rows of public.events_2026_05 are before '2026-06-01 00:00:00+00'; rows from '2026-09-28 00:00:00+00' on are kept";
const BRIEF = 'SET lock_timeout = 80; SET statement_timeout = 600000;';
const PATIENT = 'SET lock_timeout = 0; SET statement_timeout = 600000;';
const LONG = 'SET lock_timeout = 80; SET statement_timeout = 86400000;';

describe('what the plan prints', () => {
  it('has the limits of every transaction, and why a partition may go', () => {
    const [mark, ...rest] = tableScript(planned(tableCatalog([OLD, THERE]), 'drop')).slice(1);
    expect(mark).toContain('COMMENT ON TABLE public.events_2026_05');
    expect(rest).toEqual([
      PATIENT,
      `${YIELDS}\nALTER TABLE public.events DETACH PARTITION public.events_2026_05 CONCURRENTLY;`,
      LONG,
      `${PROOF}\nDROP TABLE public.events_2026_05;`,
    ]);
  });

  it('sets limits only where they change', () => {
    const script = tableScript(planned(tableCatalog([]), 'detach'));
    expect(script.map((each) => each.slice(0, 12))).toEqual([
      BRIEF.slice(0, 12),
      ...Array.from({ length: 2 }, () => ['BEGIN;\nCREAT', 'ALTER TABLE ']).flat(),
    ]);
    expect(script[0]).toBe(BRIEF);
  });

  it('has the look at what was detached earlier', () => {
    const mark = withMark({ of: 'public.events', then: 'drop', ...old }, null);
    const apart = [{ id: 'public.events_2026_05', name: 'events_2026_05', rows: 1, bytes: 1, foreignKeys: [], mark }];
    const [limits, drop] = tableScript(planned(tableCatalog([THERE], { apart }), 'drop'));
    expect(limits).toBe(LONG);
    expect(drop).toMatch(
      /LOCK TABLE public\.events_2026_05 IN SHARE MODE;\n {2}IF EXISTS \(SELECT FROM public\.events_2026_05 WHERE occurred_at >= '2026-09-28/u,
    );
  });

  it('has the look at what was archived, which a rotation does last', () => {
    const bare = { ...THERE, lower: at('2026-06-01'), upper: at('2026-12-01') };
    const script = tableScript(planned(tableCatalog([OLD, bare]), 'archive'));
    const attached = script.findIndex((each) => each.includes('ATTACH PARTITION public.events_2026_12'));
    const dumped = script.indexOf('-- pg_dump public.events_2026_05 to the object store, and read it back');
    expect(attached).toBeGreaterThan(-1);
    expect(dumped).toBeGreaterThan(attached);
    expect(script[dumped - 1]).toBe('SELECT pg_snapshot_xmin(pg_current_snapshot())::xid;');
    expect(script.slice(dumped + 1, -1)).toEqual([LONG]);
    expect(script.at(-1)).toMatch(
      /WHERE age\(xmin\) BETWEEN 0 AND age\('what the SELECT before the dump has given'::xid\)[^]*DROP TABLE public\.events_2026_05;/u,
    );
  });

  it('keeps a comment on its line, whatever a partition is called', () => {
    const evil = partition('events_2026_05', old, { id: 'public."a\nALTER ROLE app SUPERUSER; --"' });
    const script = tableScript(planned(tableCatalog([evil, THERE]), 'archive')).join('\n');
    expect(script).toContain('-- by its bounds, all rows of public."a ALTER ROLE');
    // Where it is a name, it is between quotes.
    expect(script.replaceAll(/"[^"]*"/gu, 'name')).not.toContain('SUPERUSER');
    expect(script).not.toMatch(/^ALTER ROLE(?![^\n]*--")/mu);
  });

  it.each(['drop', 'archive', 'detach'] as const)('is what a rotation says to PostgreSQL: %s', async (action) => {
    const plan = planned(tableCatalog([OLD]), action);
    const said: string[] = [];
    const session = {
      run: (query: string) => {
        // Limits are set anew for each transaction, and the watcher is told whom to cancel.
        const isLimit = query.startsWith('SET lock_timeout');
        const isSame = isLimit && said.findLast((each) => each.startsWith('SET lock_timeout')) === `${query};`;
        if (!isSame && !query.includes('pg_backend_pid')) said.push(`${query};`);
        return Promise.resolve(query === OLDEST_RUNNING ? '4711' : '');
      },
    };
    const watcher = { run: () => Promise.resolve('') };
    const archive = (): Promise<void> => Promise.resolve();
    await new RotationRun(session, { timings: ROTATION_TIMINGS, watcher, archive }).round([plan]);
    const script = tableScript(plan)
      .join('\n')
      .replaceAll(/^--.*\n/gmu, '');
    expect(script.replace('what the SELECT before the dump has given', '4711')).toBe(said.join('\n'));
  });

  it('begins with what the session of a database does once', () => {
    const plan = planned(tableCatalog([]), 'drop');
    const databases = ['app', 'web'].map((database) => ({ database, plans: [plan, plan] }));
    const text = stripVTControlCharacters(renderPartitionPlan(partitionPlans(databases)));
    expect(text.split(SESSION_SCRIPT.join('\n'))).toHaveLength(3);
    expect(text).toMatch(/^-- the session of app\nSET timezone/u);
    expect(text).toContain(
      "SELECT pg_try_advisory_lock(hashtext('pgscale'), hashtext('partitions'));\n\n-- public.events",
    );
    const idle = planned(tableCatalog([THERE]), 'drop');
    expect(renderPartitionPlan(partitionPlans([{ database: 'app', plans: [idle] }]))).not.toContain('SET');
  });
});
