import { describe, expect, it } from 'vitest';

import type { Action, TablePlan } from '../../../src/partitions/plan.ts';
import { ROTATION_TIMINGS } from '../../../src/partitions/rotate.ts';
import { RotationRun } from '../../../src/partitions/rotation-run.ts';
import { SqlError, type SqlSession } from '../../../src/partitions/sql-session.ts';
import { rangePolicy, tableCatalog } from '../../support/partition-catalog.ts';

function planOf(table: string, actions: readonly Action[]): TablePlan {
  const policy = rangePolicy({ table });
  return { table, policy, found: tableCatalog([]), keyType: 'timestamptz', now: 0n, problems: [], actions };
}

const archive = (id: string): Action[] => [
  { kind: 'archive', id },
  { kind: 'drop', id, rows: 1, bytes: 1, provenBelow: null },
];
const create: Action[] = [
  { kind: 'create', id: 'public.visits_2026_12', values: { by: 'range', lower: 0n, upper: 1n }, indexes: [] },
  { kind: 'attach', id: 'public.visits_2026_12', values: { by: 'range', lower: 0n, upper: 1n } },
];

/** Says yes to everything, and remembers it. */
function session(): Pick<SqlSession, 'run'> & { said: string[] } {
  const said: string[] = [];
  return {
    said,
    run: (query) => {
      said.push(query);
      return Promise.resolve(query.includes('pg_snapshot_xmin') ? '4711' : '');
    },
  };
}

describe('a round of a rotation', () => {
  it('makes the partitions of all tables before it archives one of one table', async () => {
    const run = new RotationRun(session(), {
      timings: ROTATION_TIMINGS,
      watcher: session(),
      archive: () => Promise.resolve(),
    });
    const plans = [
      planOf('public.events', [...archive('public.a'), ...archive('public.b')]),
      planOf('public.visits', create),
    ];
    expect(await run.round(plans)).toEqual({ isWaiting: false, isMore: true });
    expect(run.deeds.map(({ kind, id }) => `${kind} ${id}`)).toEqual([
      'create public.visits_2026_12',
      'attach public.visits_2026_12',
      'archive public.a',
      'drop public.a',
    ]);
    expect(await run.round(plans)).toEqual({ isWaiting: false, isMore: false });
    expect(run.deeds.at(-1)).toMatchObject({ kind: 'drop', id: 'public.b' });
  });

  it('drops what was archived only if nobody has written to it since', async () => {
    const sql = session();
    const run = new RotationRun(sql, {
      timings: ROTATION_TIMINGS,
      watcher: session(),
      archive: () => Promise.resolve(),
    });
    await run.round([planOf('public.events', archive('public.a'))]);
    expect(sql.said.at(-1)).toMatch(/age\(xmin\) BETWEEN 0 AND age\('4711'::xid\)[^]*DROP TABLE public\.a/u);
  });

  it('watches over what waits for long, until it has ended', async () => {
    const [sql, watcher] = [session(), session()];
    const slow: Pick<SqlSession, 'run'> = {
      run: async (query) => {
        if (query.includes('DETACH')) await new Promise((resolve) => setTimeout(resolve, 100));
        return query.includes('pg_backend_pid') ? '4242' : sql.run(query);
      },
    };
    const mark = { of: 'public.events', then: 'keep', lower: 0n, upper: 1n } as const;
    const detach = { kind: 'detach', id: 'public.a', mark, comment: null, rows: 1, bytes: 1 } as const;
    const run = new RotationRun(slow, { timings: ROTATION_TIMINGS, watcher });
    await run.round([planOf('public.events', [detach, ...create])]);
    expect(watcher.said.length).toBeGreaterThan(1);
    expect(watcher.said[0]).toContain('pg_cancel_backend(4242)');
    const looks = watcher.said.length;
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(watcher.said).toHaveLength(looks);
  });

  it('begins nothing more when it may not, as when the lock of the cluster is lost', async () => {
    const sql = session();
    const lost = new Error('this run has lost the lock');
    let asked = 0;
    const mayBegin = (): Promise<void> => (++asked > 1 ? Promise.reject(lost) : Promise.resolve());
    const run = new RotationRun(sql, { timings: ROTATION_TIMINGS, watcher: session(), mayBegin });
    await expect(run.round([planOf('public.visits', create)])).rejects.toBe(lost);
    expect(run.deeds.map(({ kind }) => kind)).toEqual(['create']);
    expect(sql.said.join()).not.toContain('ATTACH');
  });

  it('is no endless one while a drop waits for its lock, and archives of other tables go on', async () => {
    const sql = session();
    const locked: Pick<SqlSession, 'run'> = {
      run: (query) =>
        query.includes('DROP TABLE public.a')
          ? Promise.reject(new SqlError('55P03', 'canceling statement due to lock timeout'))
          : sql.run(query),
    };
    const run = new RotationRun(locked, {
      timings: ROTATION_TIMINGS,
      watcher: session(),
      archive: () => Promise.resolve(),
    });
    const plans = [
      planOf('public.events', [...archive('public.a'), ...archive('public.b')]),
      planOf('public.visits', archive('public.c')),
    ];
    expect(await run.round(plans)).toEqual({ isWaiting: true, isMore: false });
    expect(await run.round(plans)).toEqual({ isWaiting: true, isMore: false });
    expect(run.deeds.map(({ kind, id }) => `${kind} ${id}`)).toEqual([
      'archive public.a',
      'archive public.c',
      'drop public.c',
    ]);
  });

  it('drops nothing that could not be archived, and goes on with the other tables', async () => {
    const sql = session();
    const run = new RotationRun(sql, {
      timings: ROTATION_TIMINGS,
      watcher: session(),
      archive: () => Promise.reject(new Error('no room')),
    });
    const plans = [planOf('public.events', archive('public.a')), planOf('public.visits', archive('public.c'))];
    expect(await run.round(plans)).toEqual({ isWaiting: false, isMore: true });
    await run.round(plans);
    expect(run.deeds.map(({ kind, error }) => `${kind} ${error ?? ''}`)).toEqual([
      'archive no room',
      'archive no room',
    ]);
    expect(sql.said.join()).not.toContain('DROP');
  });
});
