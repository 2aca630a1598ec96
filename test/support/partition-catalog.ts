import type { Bounds } from '../../src/partitions/axis.ts';
import type { PartitionCatalog, TableCatalog } from '../../src/partitions/catalog.ts';
import { withMark } from '../../src/partitions/mark.ts';
import type { Action, Values } from '../../src/partitions/plan.ts';
import type { RangePolicy } from '../../src/partitions/policy.ts';

/** A policy for `public.events`, a partition a month unless told otherwise. */
export function rangePolicy(options: Partial<RangePolicy> = {}): RangePolicy {
  const common = { table: 'public.events', column: 'occurred_at', indexes: [] };
  return { ...common, by: 'range', step: 'month', timeZone: 'UTC', ahead: 3, ...options };
}

export function partition(name: string, bounds: Bounds, options: Partial<PartitionCatalog> = {}): PartitionCatalog {
  const sizes = { rows: 100, bytes: 8192, indexBytes: 8192, lastVacuum: null };
  const state = { isDefault: false, isDetachPending: false, isLeaf: true, comment: null, bounds: '' };
  return { id: `public.${name}`, name, ...bounds, ...sizes, ...state, indexes: [], ...options };
}

export function tableCatalog(
  partitions: readonly PartitionCatalog[],
  options: Partial<TableCatalog> = {},
): TableCatalog {
  return {
    id: 'public.events',
    schema: 'public',
    owner: 'app',
    tablespace: null,
    accessMethod: null,
    replicaIdentity: 'd',
    strategy: 'r',
    key: ['occurred_at'],
    column: 'occurred_at',
    keyType: 'timestamptz',
    lastAnalyze: null,
    isAdopting: false,
    indexes: [],
    foreignKeys: [],
    partitions: [...partitions],
    apart: [],
    taken: partitions.map(({ name }) => name),
    ...options,
  };
}

/** The catalog after the actions, as PostgreSQL would have it. */
export function after(found: TableCatalog, actions: readonly Action[]): TableCatalog {
  return actions.reduce(step, found);
}

function step(found: TableCatalog, action: Action): TableCatalog {
  const { id } = action;
  const name = id.slice(id.indexOf('.') + 1);
  switch (action.kind) {
    case 'create':
      return {
        ...found,
        taken: [...found.taken, name],
        apart: [...found.apart, { ...table(name), mark: attachMark(action.values) }],
      };
    case 'attach': {
      const bounds = action.values.by === 'range' ? action.values : { lower: null, upper: null };
      const { lower, upper } = bounds;
      const partitions = [...found.partitions, partition(name, { lower, upper })];
      return { ...found, partitions, apart: found.apart.filter((each) => each.id !== id) };
    }
    case 'detach': {
      const partitions = found.partitions.filter((each) => each.id !== id);
      return { ...found, partitions, apart: [...found.apart, { ...table(name), mark: withMark(action.mark, null) }] };
    }
    case 'finalize':
      return finalized(found, id);
    case 'drop':
      return {
        ...found,
        apart: found.apart.filter((each) => each.id !== id),
        taken: found.taken.filter((each) => each !== name),
      };
    case 'reference':
    case 'archive':
    case 'index':
    case 'summarize':
      return found;
  }
}

function finalized(found: TableCatalog, id: string): TableCatalog {
  const gone = found.partitions.find((each) => each.id === id);
  const partitions = found.partitions.filter((each) => each.id !== id);
  const mark = gone?.comment ?? undefined;
  const own = table(id.slice(id.indexOf('.') + 1));
  return { ...found, partitions, apart: mark === undefined ? found.apart : [...found.apart, { ...own, mark }] };
}

function table(name: string): { id: string; name: string; rows: number; bytes: number; foreignKeys: [] } {
  return { id: `public.${name}`, name, rows: 0, bytes: 0, foreignKeys: [] };
}

function attachMark(values: Values): string {
  const { lower, upper } = values.by === 'range' ? values : { lower: null, upper: null };
  return withMark({ of: 'public.events', then: 'attach', lower, upper }, null);
}
