import { describe, expect, it } from 'vitest';

import type { PlainTable, TableKey } from '../../../../src/partitions/adopt/catalog.ts';
import { planAdoption } from '../../../../src/partitions/adopt/plan.ts';
import { rowProblems, tableProblems } from '../../../../src/partitions/adopt/preflight.ts';
import { adoptStatements, revertStatements } from '../../../../src/partitions/adopt/statements.ts';
import { boundsMark, firstOf, type Target } from '../../../../src/partitions/adopt/target.ts';
import { timePosition } from '../../../../src/partitions/axis.ts';
import { Temporal } from 'temporal-polyfill';
import { rangePolicy } from '../../../support/partition-catalog.ts';

const policy = rangePolicy();

function at(time: string): bigint {
  return timePosition(Temporal.PlainDateTime.from(time), 'timestamptz', 'UTC');
}

function keyNamed(rawName: string, options: Partial<TableKey> = {}): TableKey {
  const flags = { isUnique: true, isValid: true, hasKey: false, isSpecial: false };
  const body = 'PRIMARY KEY (id)';
  return { name: rawName, rawName, oid: '7', constraint: 'p', columns: ['id'], body, ...flags, ...options };
}

function plain(options: Partial<PlainTable> = {}): PlainTable {
  return {
    ...{ id: 'public.events', schema: 'public', name: 'events', owner: 'app', kind: 'r', peculiar: [] },
    ...{ rows: 1000, bytes: 100_000, indexBytes: 10_000 },
    column: { name: 'occurred_at', type: 'timestamptz', isNotNull: true, isGenerated: false },
    keys: [keyNamed('events_pkey')],
    ...{ exclusions: [], foreignKeys: [], referring: [], oddConstraints: [], triggers: [], rules: [], views: [] },
    ...{ dependents: [], policies: [], rowSecurity: { isOn: false, isForced: false }, replicaIdentity: 'd' },
    ...{ publications: [], isPublishedByOthers: false, grants: [], comment: null, storage: [], identities: [] },
    ...{ serials: [], generated: [], begun: null, parent: null, taken: [] },
    ...options,
  };
}

function target(table: PlainTable, now = at('2026-11-28T22:00')): Target {
  const type = 'timestamptz' as const;
  return { policy, table, type, now, first: firstOf(policy, type, now, table) };
}

function kinds(table: PlainTable, now?: bigint): string[] {
  return planAdoption(target(table, now)).map(({ kind }) => kind);
}

const upper = at('2027-01-01T00:00');
const mark = boundsMark({ upper, name: '' });
const built = keyNamed('pgscale_adopt_7', { oid: '8', constraint: null, hasKey: true });

describe('an adoption', () => {
  it('ends its first partition with the next period', () => {
    expect(target(plain()).first).toEqual({ upper, name: 'events_before_2027_01' });
  });

  it('leaves room for the work where the next period would not', () => {
    const hourly = rangePolicy({ step: 'hour' });
    const large = plain({ bytes: 2_000_000_000_000, rows: 10_000_000_000 });
    const now = at('2026-11-28T22:00');
    const { upper: end } = firstOf(hourly, 'timestamptz', now, large);
    expect(end - now).toBeGreaterThan(86_400_000_000n);
  });

  it.each([
    ['plain', plain(), ['index', 'check', 'validate', 'parent', 'swap', 'analyze']],
    [
      'killed in the index',
      plain({ keys: [keyNamed('events_pkey'), { ...built, isValid: false }] }),
      ['index', 'check', 'validate', 'parent', 'swap', 'analyze'],
    ],
    [
      'killed after the CHECK',
      plain({ keys: [keyNamed('events_pkey'), built], begun: { mark, isValid: false } }),
      ['validate', 'parent', 'swap', 'analyze'],
    ],
    [
      'killed before the swap',
      plain({
        keys: [keyNamed('events_pkey'), built],
        begun: { mark, isValid: true },
        parent: { id: 'public.events_adopting', isOurs: true },
      }),
      ['parent', 'swap', 'analyze'],
    ],
  ])('goes on where it was: %s', (_, table, expected) => {
    expect(kinds(table)).toEqual(expected);
  });

  it('begins anew when rows would soon be refused', () => {
    const table = plain({ keys: [keyNamed('events_pkey'), built], begun: { mark, isValid: true } });
    expect(kinds(table, at('2026-12-31T23:59'))).toEqual(['uncheck', 'check', 'validate', 'parent', 'swap', 'analyze']);
  });

  it('builds an invalid index anew', () => {
    const table = plain({ keys: [keyNamed('events_pkey'), { ...built, isValid: false }] });
    const [action] = planAdoption(target(table));
    expect(action && adoptStatements(target(table), action).flatMap(({ commands }) => commands)).toEqual([
      'DROP INDEX CONCURRENTLY public.pgscale_adopt_7',
      'CREATE UNIQUE INDEX CONCURRENTLY pgscale_adopt_7 ON public.events (id, occurred_at)',
    ]);
  });

  it('swaps in one statement, which quotes what the table has', () => {
    const table = plain({
      keys: [keyNamed('events_pkey'), built],
      begun: { mark, isValid: true },
      comment: "it's",
      triggers: [{ name: '"odd ""one"', definition: "CREATE TRIGGER … ('a')", why: null }],
    });
    const statements = adoptStatements(target(table), { kind: 'swap' });
    expect(statements).toHaveLength(1);
    const [text = ''] = statements[0]?.commands ?? [];
    expect(text).toContain(`DROP TRIGGER "odd ""one" ON public.events`);
    expect(text).toContain(`IS ''it''''s''`);
    expect(text).toContain(`FOR VALUES FROM (MINVALUE) TO (''2027-01-01 00:00:00+00'')`);
    expect(statements[0]?.waits).toBe(false);
  });

  it('is taken back whole', () => {
    const table = plain({
      keys: [keyNamed('events_pkey'), built],
      begun: { mark, isValid: true },
      parent: { id: 'public.events_adopting', isOurs: true },
    });
    expect(revertStatements(table).flatMap(({ commands }) => commands)).toEqual([
      'ALTER TABLE public.events DROP CONSTRAINT IF EXISTS pgscale_bounds',
      'DROP TABLE public.events_adopting',
      'DROP INDEX CONCURRENTLY public.pgscale_adopt_7',
    ]);
  });
});

describe('what stands in the way of an adoption', () => {
  function errors(options: Partial<PlainTable>, widenUnique = false): string[] {
    const found = tableProblems(plain(options), 'occurred_at', { widenUnique });
    return found.filter(({ severity }) => severity === 'error').map(({ id }) => id);
  }

  it.each([
    ['foreign-key', { referring: ['orders (fk)'] }],
    ['unique', { keys: [keyNamed('events_u', { constraint: 'u' })] }],
    ['unique', { keys: [keyNamed('events_u', { constraint: 'p', isSpecial: true })] }],
    ['trigger', { triggers: [{ name: 't', definition: '', why: 'is a constraint trigger' }] }],
    ['dependent', { dependents: ['the materialized view m'] }],
    ['constraint', { oddConstraints: ['c'], begun: null }],
    ['constraint', { begun: { mark: null, isValid: true } }],
    ['name', { parent: { id: 'public.events_adopting', isOurs: false } }],
    ['replica-identity', { replicaIdentity: 'i' }],
    ['kind', { peculiar: ['unlogged'] }],
  ] as const)('%s', (id, options) => {
    expect(errors(options as Partial<PlainTable>)).toEqual([id]);
  });

  it('a unique key is widened when that was asked for; a plain table has nothing in the way', () => {
    expect(errors({ keys: [keyNamed('events_u', { constraint: 'u' })] }, true)).toEqual([]);
    expect(errors({})).toEqual([]);
  });

  it('rows that are later than the first partition, or nowhere', () => {
    const found = rowProblems(target(plain()), { highest: at('2027-01-01T00:00'), hasNull: true });
    expect(found.map(({ id }) => id)).toEqual(['null', 'later']);
    expect(rowProblems(target(plain()), { highest: upper - 1n, hasNull: false })).toEqual([]);
  });
});
