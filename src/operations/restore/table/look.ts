import { z } from 'zod';

import { quoteLiteral } from '../../../partitions/statements.ts';
import type { Query } from '../../../sql/psql.ts';
import type { Wanted } from './wanted.ts';

const relationSchema = z.object({
  schema: z.string(),
  name: z.string(),
  /** It has rows itself: it is no partitioned table. */
  isLeaf: z.boolean(),
  /** That can be written, ready for SQL. */
  columns: z.array(z.string()),
});

/** A table that is brought back. */
export type Relation = z.output<typeof relationSchema>;

const sequenceSchema = z.object({ name: z.string(), lastValue: z.string() });

/** A sequence that goes with a table, and where it was. */
export type SequenceState = z.output<typeof sequenceSchema>;

/** The tables themselves with all of their partitions, wherever those are. */
function relationIds({ schema, table }: Wanted): string {
  const own = table === undefined ? '' : ` and c.relname = ${quoteLiteral(table)}`;
  return `select coalesce(tree.relid, c.oid)::oid from pg_class c join pg_namespace n on n.oid = c.relnamespace
      left join lateral pg_partition_tree(c.oid) as tree on true
    where n.nspname = ${quoteLiteral(schema)} and c.relkind in ('r', 'p')${own}`;
}

/** Which tables are meant, as the side restore has them. */
export function relationsQuery(wanted: Wanted): Query<Relation> {
  return {
    row: relationSchema,
    text: `select n.nspname::text as schema, c.relname::text as name, c.relkind = 'r' as "isLeaf",
      (select coalesce(json_agg(quote_ident(a.attname) order by a.attnum), '[]') from pg_attribute a
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as columns
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.oid in (${relationIds(wanted)}) order by c.oid`,
  };
}

/** Where their sequences are; one that was never used has nothing to tell. */
export function sequencesQuery(wanted: Wanted): Query<SequenceState> {
  const isMeant =
    wanted.table === undefined
      ? `s.schemaname = ${quoteLiteral(wanted.schema)}`
      : `exists (select from pg_depend d where d.objid = format('%I.%I', s.schemaname, s.sequencename)::regclass
          and d.classid = 'pg_class'::regclass and d.refclassid = 'pg_class'::regclass and d.deptype in ('a', 'i')
          and d.refobjid in (${relationIds(wanted)}))`;
  return {
    row: sequenceSchema,
    text: `select s.sequencename::text as name, s.last_value::text as "lastValue" from pg_sequences s
      where s.last_value is not null and ${isMeant}`,
  };
}

/** What is in the way in the cluster: tables of these names, or a schema that has anything. */
export function obstaclesQuery({ table, into }: Wanted, relations: readonly Relation[]): Query<{ name: string }> {
  const names = relations.map(({ name }) => quoteLiteral(name)).join(', ');
  const isMeant = table === undefined ? '' : ` and c.relname in (${names})`;
  return {
    row: z.object({ name: z.string() }),
    text: `select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = ${quoteLiteral(into)} and c.relkind in ('r', 'p', 'v', 'm', 'f')${isMeant} order by 1 limit 5`,
  };
}
