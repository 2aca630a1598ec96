import { Temporal } from 'temporal-polyfill';
import { describe, expect, it } from 'vitest';

import { brinFindings } from '../../../src/operations/partition/findings.ts';
import { type Position, positionOf } from '../../../src/partitions/axis.ts';
import { closedBrins } from '../../../src/partitions/brin.ts';
import type { PartitionCatalog } from '../../../src/partitions/catalog.ts';
import { planTables } from '../../../src/partitions/plan-table.ts';
import type { TablePlan } from '../../../src/partitions/plan.ts';
import { partition, rangePolicy, tableCatalog } from '../../support/partition-catalog.ts';

const at = (time: string): Position => positionOf(Temporal.Instant.from(`${time}T00:00Z`), 'timestamptz', 'UTC');

function month(name: string, from: string, to: string, more: Partial<PartitionCatalog> = {}): PartitionCatalog {
  const common = { columns: ['occurred_at'], isPartial: false, pagesPerRange: 128 };
  const indexes = [
    { ...common, name: `public.${name}_brin`, method: 'brin', isValid: true },
    { ...common, name: `public.${name}_half`, method: 'brin', isValid: false },
    { ...common, name: `public.${name}_pkey`, method: 'btree', isValid: true, pagesPerRange: null },
  ];
  return partition(name, { lower: at(from), upper: at(to) }, { indexes, ...more });
}

function planned(partitions: readonly PartitionCatalog[]): TablePlan {
  const policy = rangePolicy({ ahead: 1 });
  const catalog = { now: at('2026-11-28'), tables: [{ table: policy.table, found: tableCatalog(partitions) }] };
  return planTables([policy], { catalog, highestIds: new Map() })[0]!;
}

const THERE = [
  month('old', '2026-05-01', '2026-06-01'),
  month('last', '2026-10-01', '2026-11-01'),
  month('present', '2026-11-01', '2026-12-01'),
  month('next', '2026-12-01', '2027-01-01'),
];

describe('BRIN indexes that should know all of their partition', () => {
  it('are the valid ones of those that are over', () => {
    expect(closedBrins(planned(THERE))).toEqual(['public.old_brin', 'public.last_brin']);
    const pending = month('going', '2026-05-01', '2026-06-01', { isDetachPending: true });
    const parent = month('parted', '2026-10-01', '2026-11-01', { isLeaf: false });
    expect(closedBrins(planned([pending, parent, ...THERE.slice(2)]))).toEqual([]);
  });

  it('are complained of with what helps: a rotation, or its statement where no rotation comes to', () => {
    const summaries = ['last', 'old', 'present'].map((name) => {
      return { index: `public.${name}_brin`, ranges: 40, unsummarized: 3 };
    });
    expect(brinFindings(planned(THERE), summaries)).toEqual([
      {
        table: 'public.events',
        id: 'brin-unsummarized',
        severity: 'notice',
        what: 'the BRIN index public.last_brin has 3 of 40 ranges that are not summarized: every query reads them',
        remedy: '`pgscale partition rotate`',
      },
      expect.objectContaining({ remedy: "SELECT brin_summarize_new_values('public.old_brin')" }),
    ]);
  });

  it('are none of a partition that is partitioned itself, which PostgreSQL refuses to summarize', () => {
    const parent = month('parted', '2026-10-01', '2026-11-01', { isLeaf: false });
    const kinds = (partitions: readonly PartitionCatalog[]): string[] =>
      planned(partitions).actions.map(({ kind, id }) => `${kind} ${id}`);
    expect(kinds(THERE)).toContain('summarize public.last');
    expect(kinds([parent, ...THERE.slice(2)])).not.toContain('summarize public.parted');
  });
});
