import * as z from 'zod/mini';

/** A node of `EXPLAIN (FORMAT JSON)`, as far as pruning goes. https://www.postgresql.org/docs/18/using-explain.html */
const node = z.looseObject({
  'Node Type': z.string(),
  'Relation Name': z.optional(z.string()),
  Schema: z.optional(z.string()),
  'Subplans Removed': z.optional(z.number()),
  get Plans() {
    return z.optional(z.array(node));
  },
});
const explained = z.array(z.object({ Plan: node }));
type Node = z.output<typeof node>;

/** What a query touches of one partitioned table. */
export interface Touched {
  readonly table: string;
  readonly partitions: readonly string[];
  readonly total: number;
  /** Left out when the query began, by values that are not known when it is planned. */
  readonly removedAtStart: number;
  readonly isPruned: boolean;
  /** Why all of them are touched; undefined when they are not. */
  readonly why: string | undefined;
}

interface Table {
  readonly table: string;
  readonly column: string;
  readonly partitions: readonly { readonly id: string }[];
}

const CONDITIONS = ['Filter', 'Index Cond', 'Recheck Cond', 'Hash Cond', 'Merge Cond', 'Join Filter'];

/** Reads the plan of a query: which partitions of each table it touches, and why not fewer. Pure. */
export function touchedBy(json: string, tables: readonly Table[]): Touched[] {
  const nodes = explained.parse(JSON.parse(json)).flatMap(({ Plan }) => flat(Plan));
  return tables.flatMap(({ table, column, partitions }): Touched[] => {
    const ids = new Set(partitions.map(({ id }) => id));
    const scans = nodes.filter((each) => ids.has(idOf(each)));
    const removed = nodes.reduce((sum, each) => sum + (each['Subplans Removed'] ?? 0), 0);
    const touched = [...new Set(scans.map(idOf))];
    if (touched.length === 0 && removed === 0) return [];
    const isPruned = touched.length < partitions.length;
    const why = isPruned || partitions.length < 2 ? undefined : reason(nodes, column);
    return [{ table, partitions: touched, total: partitions.length, removedAtStart: removed, isPruned, why }];
  });
}

function flat(root: Node): Node[] {
  return [root, ...(root.Plans ?? []).flatMap(flat)];
}

function idOf(each: Node): string {
  return `${each.Schema ?? ''}.${each['Relation Name'] ?? ''}`;
}

/** https://www.postgresql.org/docs/18/ddl-partitioning.html#DDL-PARTITION-PRUNING */
function reason(nodes: readonly Node[], column: string): string {
  const conditions = nodes.flatMap((each) =>
    CONDITIONS.flatMap((key) => {
      const text = each[key];
      return typeof text === 'string' && new RegExp(String.raw`\b${column}\b`, 'u').test(text) ? text : [];
    }),
  );
  const [first] = conditions;
  if (first === undefined) return `no condition on ${column}, the partition key`;
  const isInside = new RegExp(String.raw`[a-z_]\([^()]*\b${column}\b|\b${column}\)?::`, 'u').test(first);
  if (isInside) return `${column} stands inside an expression, which partitions know nothing of: ${first}`;
  if (/ OR /u.test(first)) return `the condition lets other rows in, too: ${first}`;
  const isJoin = new RegExp(
    String.raw`\b${column}\b (?:[<>]=?|=) \(?\w+\.\w+|\w+\.\w+\)? (?:[<>]=?|=) \w*\.?${column}\b`,
    'u',
  );
  if (isJoin.test(first))
    return `${column} is compared with another table, so that no value is known beforehand: ${first}`;
  return `the condition fits rows of every partition: ${first}`;
}
