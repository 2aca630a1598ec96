import type { Bounds, KeyType, Position } from './axis.ts';
import type { PartitionCatalog, TableCatalog } from './catalog.ts';
import type { Mark } from './mark.ts';
import type { Policy } from './policy.ts';

/** Which rows a partition takes. */
export type Values =
  | ({ readonly by: 'range' } & Bounds)
  | { readonly by: 'list'; readonly values: readonly (string | number)[] }
  | { readonly by: 'hash'; readonly modulus: number; readonly remainder: number };

/** An index that a partition should have. */
export interface WantedIndex {
  readonly method: string;
  readonly columns: readonly string[];
  readonly pagesPerRange?: number;
}

/** One thing that a rotation does. `id` is the SQL name of the partition. */
export type Action =
  | { readonly kind: 'finalize'; readonly id: string }
  | { readonly kind: 'create'; readonly id: string; readonly values: Values; readonly indexes: readonly WantedIndex[] }
  | { readonly kind: 'attach'; readonly id: string; readonly values: Values }
  | {
      readonly kind: 'detach';
      readonly id: string;
      readonly mark: Mark;
      readonly comment: string | null;
      readonly rows: number;
      readonly bytes: number;
    }
  | {
      readonly kind: 'drop';
      readonly id: string;
      readonly rows: number;
      readonly bytes: number;
      /** It was detached in an earlier run: prove first that no row is at or after this. */
      readonly provenBelow: bigint | null;
      /** The oldest transaction that was under way when it was dumped: prove that none since has written to it. */
      readonly unchangedSince?: string;
    }
  /** A foreign key of the table, which the attach would look through all rows for while the other table takes no write. */
  | {
      readonly kind: 'reference';
      readonly id: string;
      readonly name: string;
      readonly definition: string;
      /** It is there, not validated. */
      readonly isThere: boolean;
    }
  /** Into the object store; what comes after it is done only when the dump is proven. */
  | { readonly kind: 'archive'; readonly id: string }
  | { readonly kind: 'index'; readonly id: string; readonly index: WantedIndex; readonly invalid: readonly string[] }
  | { readonly kind: 'summarize'; readonly id: string; readonly index: string };

/** Something about a table that is not as it should be. */
export interface Problem {
  readonly id: string;
  /** error: the policy cannot be followed; notice: worth knowing. */
  readonly severity: 'error' | 'notice';
  readonly text: string;
}

/** What a rotation would do with one table. */
export interface TablePlan {
  readonly table: string;
  readonly policy: Policy;
  readonly found: TableCatalog | undefined;
  readonly keyType: KeyType | undefined;
  /** Where the present is on the axis of the key; undefined where there is no such axis. */
  readonly now: Position | undefined;
  readonly problems: readonly Problem[];
  readonly actions: readonly Action[];
}

/** The indexes that the policy wants on every partition. Pure. */
export function wantedIndexes(policy: Policy): WantedIndex[] {
  const brin =
    policy.by === 'range' && policy.brin !== undefined
      ? [{ method: 'brin', columns: [policy.column], pagesPerRange: policy.brin.pagesPerRange }]
      : [];
  return [...brin, ...policy.indexes];
}

type IndexCatalog = TableCatalog['indexes'][number];

/** Whether an index is one that is wanted. Pure. */
export function isWanted(wanted: WantedIndex, index: IndexCatalog): boolean {
  return (
    !index.isPartial &&
    index.method === wanted.method &&
    index.columns.join(',') === wanted.columns.join(',') &&
    (wanted.pagesPerRange === undefined || index.pagesPerRange === wanted.pagesPerRange)
  );
}

/** What is wanted and does not come with the table itself (LIKE … INCLUDING INDEXES). Pure. */
export function indexesOfNew(policy: Policy, found: TableCatalog): WantedIndex[] {
  return wantedIndexes(policy).filter((wanted) => !found.indexes.some((index) => isWanted(wanted, index)));
}

/** The indexes that partitions lack; one that was left half-built is built anew. Pure. */
export function missingIndexes(policy: Policy, partitions: readonly PartitionCatalog[]): Action[] {
  return partitions
    .filter(({ isLeaf }) => isLeaf)
    .flatMap(({ id, indexes }) =>
      wantedIndexes(policy).flatMap((wanted): Action[] => {
        const same = indexes.filter((index) => isWanted(wanted, index));
        if (same.some(({ isValid }) => isValid)) return [];
        return [{ kind: 'index', id, index: wanted, invalid: same.map(({ name }) => name) }];
      }),
    );
}

/** A name for a new partition that nobody has: `events_2026_05`, else `events_2026_05_2`. Pure. */
export function freeName(name: string, taken: ReadonlySet<string>): string {
  if (!taken.has(name)) return name;
  for (let count = 2; ; count++) {
    if (!taken.has(`${name}_${count}`)) return `${name}_${count}`;
  }
}
