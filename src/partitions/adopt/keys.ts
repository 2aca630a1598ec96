import { ADOPT_PREFIX, type PlainTable, type TableKey } from './catalog.ts';

/** A unique key that lacks the partition key, and the index that takes its place. */
export interface Widened {
  readonly key: TableKey;
  /** The index, which is there or not yet. */
  readonly name: string;
  readonly columns: readonly string[];
  readonly state: 'missing' | 'invalid' | 'ready';
}

/** The keys of the table itself, without what an adoption has built. Pure. */
export function ownKeys({ keys }: PlainTable): TableKey[] {
  return keys.filter(({ rawName }) => !rawName.startsWith(ADOPT_PREFIX));
}

/**
 * A partitioned table is unique only by keys that hold its partition key: those that lack it get it as their last column.
 * https://www.postgresql.org/docs/18/ddl-partitioning.html#DDL-PARTITIONING-DECLARATIVE-LIMITATIONS
 * Pure.
 */
export function widened(table: PlainTable): Widened[] {
  const column = table.column?.name ?? '';
  return ownKeys(table)
    .filter(({ isUnique, hasKey }) => isUnique && !hasKey)
    .map((key) => {
      const name = `${ADOPT_PREFIX}${key.oid}`;
      const built = table.keys.find(({ rawName }) => rawName === name);
      const columns = [...key.columns.map((each) => each ?? ''), column];
      return { key, name, columns, state: built === undefined ? 'missing' : built.isValid ? 'ready' : 'invalid' };
    });
}
