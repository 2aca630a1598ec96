import { Temporal } from 'temporal-polyfill';
import { describe, expect, it } from 'vitest';

import { INFINITY, type Position, positionOf, text } from '../../../src/partitions/axis.ts';
import type { PartitionCatalog, TableCatalog } from '../../../src/partitions/catalog.ts';
import { withMark } from '../../../src/partitions/mark.ts';
import { coverageOf, planTables } from '../../../src/partitions/plan-table.ts';
import type { TablePlan } from '../../../src/partitions/plan.ts';
import type { Policy, RangePolicy } from '../../../src/partitions/policy.ts';
import { scriptOf, statementsOf } from '../../../src/partitions/statements.ts';
import { partition, rangePolicy, tableCatalog } from '../../support/partition-catalog.ts';

const NOW = '2026-11-28T12:00:00Z';
const at = (time: string): Position => positionOf(Temporal.Instant.from(time), 'timestamptz', 'UTC');
const month = (name: string, from: string, to: string, more: Partial<PartitionCatalog> = {}): PartitionCatalog =>
  partition(name, { lower: at(`${from}T00:00Z`), upper: at(`${to}T00:00Z`) }, more);

const THERE = [
  month('events_2026_11', '2026-11-01', '2026-12-01'),
  month('events_2026_12', '2026-12-01', '2027-01-01'),
  month('events_2027_01', '2027-01-01', '2027-02-01'),
  month('events_2027_02', '2027-02-01', '2027-03-01'),
];

function planned(found: TableCatalog | null, policy: Policy = rangePolicy()): TablePlan {
  const catalog = { now: at(NOW), tables: [{ table: policy.table, found }] };
  const [plan] = planTables([policy], { catalog, highestIds: new Map() });
  return plan!;
}

const sql = (plan: TablePlan): string[] => plan.actions.flatMap((each) => statementsOf(plan, each).map(scriptOf));
const steps = ({ actions }: TablePlan): string[] => actions.map(({ kind, id }) => `${kind} ${id}`);
const DROPS: Pick<RangePolicy, 'retention'> = { retention: { keep: '2 months', action: 'drop' } };

describe('what a rotation runs', () => {
  it('nothing, when all is there', () => {
    expect(steps(planned(tableCatalog(THERE)))).toEqual([]);
  });

  it('makes a partition beside the table, then attaches it', () => {
    expect(sql(planned(tableCatalog(THERE.slice(0, 3))))).toEqual([
      `BEGIN;
CREATE TABLE public.events_2027_02 (LIKE public.events INCLUDING ALL EXCLUDING IDENTITY, CONSTRAINT pgscale_bounds CHECK (occurred_at IS NOT NULL AND occurred_at >= '2027-02-01 00:00:00+00' AND occurred_at < '2027-03-01 00:00:00+00'));
ALTER TABLE public.events_2027_02 OWNER TO "app";
COMMENT ON TABLE public.events_2027_02 IS 'pgscale partition: {"of":"public.events","then":"attach","lower":"1801440000000000","upper":"1803859200000000"}';
COMMIT;`,
      "ALTER TABLE public.events ATTACH PARTITION public.events_2027_02 FOR VALUES FROM ('2027-02-01 00:00:00+00') TO ('2027-03-01 00:00:00+00');",
    ]);
  });

  it('puts it where the table has its partitions', () => {
    const [create] = sql(planned(tableCatalog(THERE.slice(0, 3), { tablespace: '"Fast disks"' })));
    expect(create).toContain(`'2027-03-01 00:00:00+00')) TABLESPACE "Fast disks";`);
  });

  it('stores it as the table says', () => {
    const [create] = sql(planned(tableCatalog(THERE.slice(0, 3), { accessMethod: 'columns', tablespace: 'fast' })));
    expect(create).toContain(`'2027-03-01 00:00:00+00')) USING columns TABLESPACE fast;`);
  });

  it('gives it the replica identity of the table, an index once it is attached', () => {
    const found = (replicaIdentity: string): TableCatalog => ({ ...tableCatalog(THERE.slice(0, 3)), replicaIdentity });
    expect(sql(planned(found('f')))[0]).toContain('ALTER TABLE public.events_2027_02 REPLICA IDENTITY FULL;');
    const [create, attach] = sql(planned(found('i')));
    expect(create).not.toContain('REPLICA IDENTITY');
    expect(attach).toContain(
      "EXECUTE format('ALTER TABLE %s REPLICA IDENTITY USING INDEX %I', 'public.events_2027_02', own)",
    );
  });

  it('marks what is to go, detaches it concurrently, and only then drops it', () => {
    const old = month('events_2026_08', '2026-08-01', '2026-09-01', { comment: "the dog's table" });
    expect(
      sql(
        planned(
          tableCatalog([
            old,
            month('events_2026_09', '2026-09-01', '2026-10-01'),
            month('o', '2026-10-01', '2026-11-01'),
            ...THERE,
          ]),
          rangePolicy(DROPS),
        ),
      ),
    ).toEqual([
      `COMMENT ON TABLE public.events_2026_08 IS 'pgscale partition: {"of":"public.events","then":"drop","lower":"1785542400000000","upper":"1788220800000000"}
the dog''s table';`,
      'ALTER TABLE public.events DETACH PARTITION public.events_2026_08 CONCURRENTLY;',
      'DROP TABLE public.events_2026_08;',
    ]);
  });

  it('goes by bounds, never by names: what holds kept rows stays, whatever it is called', () => {
    const misnamed = month('events_1999_01', '2026-08-01', '2026-11-01');
    expect(steps(planned(tableCatalog([misnamed, ...THERE]), rangePolicy(DROPS)))).toEqual([]);
  });

  it('finalizes an interrupted detach first, and goes on with what it was for', () => {
    const mark = {
      of: 'public.events',
      then: 'drop',
      lower: at('2026-08-01T00:00Z'),
      upper: at('2026-09-01T00:00Z'),
    } as const;
    const pending = month('events_2026_08', '2026-08-01', '2026-09-01', {
      isDetachPending: true,
      comment: withMark(mark, null),
    });
    const ours = planned(tableCatalog([pending, ...THERE]), rangePolicy(DROPS));
    expect(steps(ours)).toEqual(['finalize public.events_2026_08', 'drop public.events_2026_08']);
    const theirs = planned(tableCatalog([{ ...pending, comment: null }, ...THERE]), rangePolicy(DROPS));
    expect(steps(theirs)).toEqual(['finalize public.events_2026_08']);
  });

  it('drops what an earlier run left only after a look that no kept row is in it', () => {
    const mark = { of: 'public.events', then: 'drop', lower: null, upper: at('2026-09-01T00:00Z') } as const;
    const apart = [
      {
        id: 'public.events_2026_08',
        name: 'events_2026_08',
        mark: withMark(mark, null),
        rows: 1,
        bytes: 1,
        foreignKeys: [],
      },
    ];
    const [statement] = sql(planned(tableCatalog(THERE, { apart }), rangePolicy(DROPS)));
    expect(statement).toContain(
      "IF EXISTS (SELECT FROM public.events_2026_08 WHERE occurred_at >= '2026-09-28 12:00:00+00')",
    );
    const stranger = [{ ...apart[0]!, mark: withMark({ ...mark, of: 'public.others' }, null) }];
    expect(steps(planned(tableCatalog(THERE, { apart: stranger }), rangePolicy(DROPS)))).toEqual([]);
  });

  it('lets no name of a partition end what it stands in', () => {
    const mark = { of: 'public.events', then: 'drop', lower: null, upper: at('2026-09-01T00:00Z') } as const;
    const id = 'public."a$$;ALTER ROLE app SUPERUSER;DO $$"';
    const apart = [{ id, name: 'a', mark: withMark(mark, null), rows: 1, bytes: 1, foreignKeys: [] }];
    const [statement] = sql(planned(tableCatalog(THERE, { apart }), rangePolicy(DROPS)));
    expect(statement).toMatch(/^DO \$pgscale1\$ BEGIN[^]*END \$pgscale1\$;$/u);
  });

  it('goes on with a table that was made and not attached, and gives way to a name that is taken', () => {
    const three = tableCatalog(THERE.slice(0, 3));
    const mark = {
      of: 'public.events',
      then: 'attach',
      lower: at('2027-02-01T00:00Z'),
      upper: at('2027-03-01T00:00Z'),
    } as const;
    const apart = [{ id: 'public.x', name: 'x', mark: withMark(mark, null), rows: 0, bytes: 0, foreignKeys: [] }];
    expect(steps(planned({ ...three, apart }))).toEqual(['attach public.x']);
    expect(steps(planned({ ...three, taken: ['events_2027_02'] }))[0]).toBe('create public.events_2027_02_2');
  });

  it('fills what a partition made by hand leaves open', () => {
    const hand = month('hand', '2026-11-20', '2026-12-10');
    const plan = planned(tableCatalog([hand]), rangePolicy({ ahead: 1 }));
    expect(
      sql(plan)
        .filter((each) => each.includes('ATTACH'))
        .map((each) => each.replace(/.*FROM/u, '')),
    ).toEqual([
      " ('2026-11-01 00:00:00+00') TO ('2026-11-20 00:00:00+00');",
      " ('2026-12-10 00:00:00+00') TO ('2027-01-01 00:00:00+00');",
    ]);
  });

  it('makes the last partition of whole numbers up to their last one, and none beyond', () => {
    const policy = rangePolicy({ step: 1_000_000_000, ahead: 3 });
    const found = tableCatalog([partition('events_0', { lower: 0n, upper: 1_000_000_000n })], { keyType: 'int4' });
    const catalog = { now: at(NOW), tables: [{ table: policy.table, found }] };
    const [plan] = planTables([policy], { catalog, highestIds: new Map([[policy.table, 999n]]) });
    const values = plan!.actions.flatMap((each) => (each.kind === 'attach' ? sql({ ...plan!, actions: [each] }) : []));
    expect(values.map((each) => each.replace(/.*FROM/u, ''))).toEqual([
      " ('1000000000') TO ('2000000000');",
      " ('2000000000') TO (MAXVALUE);",
    ]);
  });

  it('takes a partition for rows without an end for no reason to make no others', () => {
    const endless = partition('events_endless', { lower: INFINITY, upper: null });
    const plan = planned(tableCatalog([...THERE.slice(0, 1), endless]), rangePolicy({ ahead: 1 }));
    expect(steps(plan)).toEqual(['create public.events_2026_12', 'attach public.events_2026_12']);
    expect(
      coverageOf(rangePolicy({ ahead: 1 }), 'timestamptz', [...THERE.slice(0, 1), endless], at(NOW)),
    ).toMatchObject({
      until: at('2026-12-01T00:00Z'),
      isNextMissing: true,
    });
    expect(text(INFINITY, 'timestamptz')).toBe('infinity');
  });

  it('builds an index that is missing, and anew one that was left half-built', () => {
    const brin = { brin: { pagesPerRange: 64 } };
    const half = {
      name: 'public.half',
      method: 'brin',
      columns: ['occurred_at'],
      isValid: false,
      isPartial: false,
      pagesPerRange: 64,
    };
    const rest = THERE.map((each, index) => ({ ...each, indexes: [{ ...half, isValid: index > 0 }] }));
    expect(sql(planned(tableCatalog(rest), rangePolicy(brin)))).toEqual([
      'DROP INDEX CONCURRENTLY public.half;',
      'CREATE INDEX CONCURRENTLY ON public.events_2026_11 USING brin ("occurred_at") WITH (pages_per_range = 64);',
    ]);
  });
});

describe('what stands in the way', () => {
  it.each<[string, TableCatalog | null, string]>([
    ['no table', null, 'missing'],
    ['a plain table', tableCatalog([], { strategy: null }), 'plain'],
    ['another strategy', tableCatalog([], { strategy: 'h' }), 'strategy'],
    ['another key', tableCatalog([], { key: ['id'] }), 'key'],
    ['a key of two columns', tableCatalog([], { key: ['occurred_at', 'id'] }), 'key'],
    ['a key of another type', tableCatalog([], { keyType: 'int8' }), 'key-type'],
    [
      'a DEFAULT partition',
      tableCatalog([partition('d', { lower: null, upper: null }, { isDefault: true })]),
      'default-partition',
    ],
  ])('%s: nothing is done', (_, found, id) => {
    const { problems, actions } = planned(found);
    expect(problems.map((each) => each.id)).toEqual([id]);
    expect(actions).toEqual([]);
  });
});

describe('lists and hashes', () => {
  it('make what is missing, with the values of the policy', () => {
    const list: Policy = {
      table: 'public.events',
      column: 'occurred_at',
      indexes: [],
      by: 'list',
      partitions: { eu: ['de', "l'au"], us: [7] },
    };
    const there = partition('events_us', { lower: null, upper: null }, { bounds: "FOR VALUES IN ('7')" });
    const plan = planned(tableCatalog([there], { strategy: 'l', keyType: null }), list);
    expect(sql(plan).at(-1)).toBe(
      "ALTER TABLE public.events ATTACH PARTITION public.events_eu FOR VALUES IN ('de', 'l''au');",
    );
    const hash: Policy = { table: 'public.events', column: 'occurred_at', indexes: [], by: 'hash', modulus: 2 };
    const zero = partition('z', { lower: null, upper: null }, { bounds: 'FOR VALUES WITH (modulus 2, remainder 0)' });
    expect(steps(planned(tableCatalog([zero], { strategy: 'h' }), hash))).toEqual([
      'create public.events_1',
      'attach public.events_1',
    ]);
    expect(planned(tableCatalog([zero], { strategy: 'h' }), { ...hash, modulus: 4 }).problems[0]?.id).toBe('modulus');
  });
});

describe('a partition of a list that was made and not attached', () => {
  const list = (values: string[]): Policy => {
    return { table: 'public.events', column: 'region', indexes: [], by: 'list', partitions: { eu: values } };
  };
  const mark = { of: 'public.events', then: 'attach', lower: null, upper: null } as const;
  const apart = (name: string, values?: string): TableCatalog['apart'] => [
    {
      id: `public.${name}`,
      name,
      mark: withMark({ ...mark, ...(values === undefined ? {} : { values }) }, null),
      rows: 0,
      bytes: 0,
      foreignKeys: [],
    },
  ];
  const found = (name: string, values?: string): TableCatalog =>
    tableCatalog([], { strategy: 'l', key: ['region'], apart: apart(name, values), taken: ['events_eu', name] });

  it('is attached, also where another table has its name', () => {
    const [create] = sql(
      planned(tableCatalog([], { strategy: 'l', key: ['occurred_at'] }), { ...list(['de']), column: 'occurred_at' }),
    );
    expect(create).toContain(`"values":"FOR VALUES IN (''de'')"`);
    expect(steps(planned(found('events_eu_2', "FOR VALUES IN ('de')"), list(['de'])))).toEqual([
      'attach public.events_eu_2',
    ]);
    expect(steps(planned(found('events_eu'), list(['de'])))).toEqual(['attach public.events_eu']);
  });

  it('is left alone when the policy has other values by now, which its CHECK refuses', () => {
    expect(steps(planned(found('events_eu', "FOR VALUES IN ('de')"), list(['de', 'fr'])))).toEqual([
      'create public.events_eu_2',
      'attach public.events_eu_2',
    ]);
  });
});

describe('how far partitions reach', () => {
  it('says when the next one is missing', () => {
    const now = at(NOW);
    const bounds = (count: number): ReturnType<typeof coverageOf> =>
      coverageOf(rangePolicy(), 'timestamptz', THERE.slice(0, count), now);
    expect(bounds(1)).toMatchObject({ until: at('2026-12-01T00:00Z'), isNextMissing: true });
    expect(bounds(2)).toMatchObject({ until: at('2027-01-01T00:00Z'), isNextMissing: false });
    expect(bounds(4).msLeft).toBe(Number((at('2027-03-01T00:00Z') - now) / 1000n));
    expect(
      coverageOf(rangePolicy(), 'timestamptz', [{ lower: at('2026-01-01T00:00Z'), upper: null }], now).until,
    ).toBeNull();
  });
});
