import { type KeyType, text } from '../../partitions/axis.ts';
import { apartOf } from '../../partitions/mark.ts';
import { coverageOfTable } from '../../partitions/plan-table.ts';
import type { Problem, TablePlan } from '../../partitions/plan.ts';
import type { DatabasePlans } from './look.ts';

export interface PartitionView {
  /** With its schema. */
  readonly name: string;
  /** In UTC; null: without end. For list and hash both are null. */
  readonly from: string | null;
  readonly to: string | null;
  /** As PostgreSQL prints them. */
  readonly bounds: string;
  /** detached: a table of its own that pgscale knows of; pending: a detach was interrupted; default: the DEFAULT partition. */
  readonly state: 'attached' | 'pending' | 'default' | 'detached' | 'unfinished';
  /** By the statistics. */
  readonly rows: number;
  readonly bytes: number;
  readonly indexBytes: number | null;
  readonly lastVacuum: string | null;
}

export interface TableView {
  readonly database: string;
  readonly table: string;
  readonly by: 'range' | 'list' | 'hash';
  readonly problems: readonly Problem[];
  readonly partitions: readonly PartitionView[];
  /** From where on rows have no partition; null when that is nowhere or not known. */
  readonly coveredUntil: string | null;
  /** Days until then; null for ids. */
  readonly daysLeft: number | null;
  readonly isNextMissing: boolean;
}

const DAY_MS = 86_400_000;

/** The tables with a policy and their partitions, in the order of their bounds. Pure. */
export function tableViews(databases: readonly DatabasePlans[]): TableView[] {
  return databases.flatMap(({ database, plans }) => plans.map((plan) => tableView(database, plan)));
}

function tableView(database: string, plan: TablePlan): TableView {
  const { table, policy, problems } = plan;
  return { database, table, by: policy.by, problems, partitions: partitionViews(plan), ...coverage(plan) };
}

function coverage(plan: TablePlan): Pick<TableView, 'coveredUntil' | 'daysLeft' | 'isNextMissing'> {
  const found = coverageOfTable(plan);
  if (found === undefined) return { coveredUntil: null, daysLeft: null, isNextMissing: false };
  const { until, msLeft, isNextMissing, type } = found;
  return {
    coveredUntil: until === null ? null : text(until, type),
    daysLeft: msLeft === null ? null : Math.floor(msLeft / DAY_MS),
    isNextMissing,
  };
}

function partitionViews({ found, keyType }: TablePlan): PartitionView[] {
  if (found === undefined) return [];
  const place = (position: bigint | null): string | null => placeOf(position, keyType);
  const own = inOrder(found.partitions).map(({ id, lower, upper, bounds, ...each }): PartitionView => {
    const { rows, bytes, indexBytes, lastVacuum, isDefault, isDetachPending } = each;
    const state = isDefault ? 'default' : isDetachPending ? 'pending' : 'attached';
    const from = place(lower);
    return { name: id, from, to: place(upper), bounds, state, rows, bytes, indexBytes, lastVacuum };
  });
  const apart = inOrder(apartOf(found)).map(({ id, lower, upper, then, rows, bytes }): PartitionView => {
    const state = then === 'attach' ? 'unfinished' : 'detached';
    const ends = { from: place(lower), to: place(upper), bounds: '' };
    return { name: id, ...ends, state, rows, bytes, indexBytes: null, lastVacuum: null };
  });
  return [...own, ...apart];
}

function placeOf(position: bigint | null, type: KeyType | undefined): string | null {
  return position === null || type === undefined ? null : text(position, type);
}

/** By their lower bounds; those without one by name. */
function inOrder<T extends { lower: bigint | null; name: string }>(partitions: readonly T[]): T[] {
  return partitions.toSorted((a, b) => {
    if (a.lower === b.lower) return a.name.localeCompare(b.name, 'en', { numeric: true });
    if (a.lower === null || b.lower === null) return a.lower === null ? -1 : 1;
    return a.lower < b.lower ? -1 : 1;
  });
}
