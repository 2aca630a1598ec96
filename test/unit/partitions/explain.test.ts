import { describe, expect, it } from 'vitest';

import { touchedBy } from '../../../src/partitions/explain.ts';

const TABLES = [
  { table: 'public.events', column: 'occurred_at', partitions: [{ id: 'public.a' }, { id: 'public.b' }] },
];

function plan(filter: string | undefined, ...relations: string[]): string {
  const scans = relations.map((name) => ({
    'Node Type': 'Seq Scan',
    'Relation Name': name,
    Schema: 'public',
    ...(filter === undefined ? {} : { Filter: filter }),
  }));
  return JSON.stringify([{ Plan: { 'Node Type': 'Append', Plans: scans } }]);
}

describe('why a query does not prune', () => {
  it.each([
    ['no condition', undefined, /no condition on occurred_at/u],
    ['another column', '(events.user_id = 7)', /no condition on occurred_at/u],
    [
      'a function',
      "(date_trunc('day'::text, events.occurred_at) = '2026-05-15'::timestamptz)",
      /inside an expression/u,
    ],
    ['a cast', "((events.occurred_at)::date = '2026-05-15'::date)", /inside an expression/u],
    ['a join', '(events.occurred_at = o.at)', /compared with another table/u],
    ['an OR', "((events.occurred_at > '2026-05-15'::timestamptz) OR (events.user_id = 7))", /lets other rows in/u],
  ])('%s', (_, filter, why) => {
    expect(touchedBy(plan(filter, 'a', 'b'), TABLES)[0]?.why).toMatch(why);
  });

  it('there is nothing to say when it does', () => {
    expect(touchedBy(plan("(events.occurred_at > '2026-05-15'::timestamptz)", 'b'), TABLES)).toEqual([
      { table: 'public.events', partitions: ['public.b'], total: 2, removedAtStart: 0, isPruned: true, why: undefined },
    ]);
    expect(touchedBy(plan(undefined, 'other'), TABLES)).toEqual([]);
  });
});
