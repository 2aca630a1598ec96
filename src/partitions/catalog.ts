import * as z from 'zod/mini';

import { INFINITY, KEY_TYPES } from './axis.ts';
import type { Policy } from './policy.ts';

/** A position as the catalog query gives it: a whole number as text, or null where a bound is open. */
const position = z.nullable(
  z.pipe(
    z.string(),
    z.transform((digits: string) => BigInt(digits)),
  ),
);

const index = z.object({
  name: z.string(),
  method: z.string(),
  columns: z.array(z.string()),
  isValid: z.boolean(),
  isPartial: z.boolean(),
  pagesPerRange: z.nullable(z.number()),
});

const foreignKey = z.object({
  /** With quotes where it needs them. */
  name: z.string(),
  /** `FOREIGN KEY (…) REFERENCES …`, the same for the same. */
  definition: z.string(),
  isValid: z.boolean(),
});

const partition = z.object({
  /** With quotes where it needs them, and its schema. */
  id: z.string(),
  name: z.string(),
  isDefault: z.boolean(),
  isDetachPending: z.boolean(),
  lower: position,
  upper: position,
  /** `FOR VALUES IN ('de', 'fr')`, as PostgreSQL prints it. */
  bounds: z.string(),
  comment: z.nullable(z.string()),
  /** An estimate, from the statistics. */
  rows: z.number(),
  bytes: z.number(),
  indexBytes: z.number(),
  lastVacuum: z.nullable(z.string()),
  /** A partition that is partitioned itself has no indexes of its own. */
  isLeaf: z.boolean(),
  indexes: z.array(index),
});

/** A table that pgscale made for this one and that is no partition of it now: not yet, or not any more. */
const apart = z.object({
  id: z.string(),
  name: z.string(),
  /** What pgscale wrote in its comment. */
  mark: z.string(),
  rows: z.number(),
  bytes: z.number(),
  foreignKeys: z.array(foreignKey),
});

const table = z.object({
  table: z.string(),
  /** Null when there is no such table. */
  found: z.nullable(
    z.object({
      id: z.string(),
      schema: z.string(),
      owner: z.string(),
      /** Where new partitions go, as SQL writes it; null where the database has its tables. */
      tablespace: z.nullable(z.string()),
      /** Of its new partitions, as SQL writes it; null where it is what the server takes anyway. */
      accessMethod: z.nullable(z.string()),
      replicaIdentity: z.string(),
      /** `r` range, `l` list, `h` hash; null for a table that is not partitioned. */
      strategy: z.nullable(z.string()),
      /** The columns of the key; an expression is `null`. */
      key: z.array(z.nullable(z.string())),
      /** The first of them, with quotes where it needs them. */
      column: z.nullable(z.string()),
      keyType: z.nullable(z.string()),
      lastAnalyze: z.nullable(z.string()),
      /** A plain table that refuses rows beyond what would be its first partition: an adoption was begun. */
      isAdopting: z.boolean(),
      indexes: z.array(index),
      foreignKeys: z.array(foreignKey),
      partitions: z.array(partition),
      apart: z.array(apart),
      /** Names of the schema that are taken and begin like a partition's. */
      taken: z.array(z.string()),
    }),
  ),
});

/** What the server has, of every table that was asked for. */
export const catalogSchema = z.object({
  /** When it was, as the server's clock says: microseconds since 1970. */
  now: z.pipe(
    z.string(),
    z.transform((digits: string) => BigInt(digits)),
  ),
  tables: z.array(table),
});
export type Catalog = z.output<typeof catalogSchema>;
export type TableCatalog = NonNullable<Catalog['tables'][number]['found']>;
export type ForeignKey = z.output<typeof foreignKey>;
export type PartitionCatalog = TableCatalog['partitions'][number];

/** The name of the constraint that says what a partition holds before, and after, it is one. */
export const BOUNDS_CONSTRAINT = 'pgscale_bounds';

/** What the comment of a table that is apart begins with. */
export const MARK = 'pgscale partition: ';

const TYPES = KEY_TYPES.map((type) => `'${type}'`).join(', ');

/**
 * A bound, which PostgreSQL prints like `FROM ('2026-05-01') TO (MAXVALUE)`, as a position; open ends are null. What begins
 * at infinity is not open below: it takes no row with a time.
 */
function bound(which: 'from' | 'to'): string {
  const pattern = which === 'from' ? String.raw`FROM \(([^)]*)\) TO` : String.raw`TO \(([^)]*)\)$`;
  const value = `trim(both '''' from (regexp_match(c.bounds, '${pattern}'))[1])`;
  const infinite = which === 'from' ? `when ${value} = 'infinity' then '${INFINITY}' ` : '';
  const micros = (type: string): string =>
    `case ${infinite}when isfinite(${value}::${type}) then (extract(epoch from ${value}::${type}) * 1000000)::int8::text end`;
  return `case when t.strategy <> 'r' or ${value} in ('MINVALUE', 'MAXVALUE') or ${value} is null then null
      when t."keyType" in ('int8', 'int4', 'int2') then ${value}
      when t."keyType" = 'timestamptz' then ${micros('timestamptz')}
      when t."keyType" = 'timestamp' then ${micros('timestamp')}
      when t."keyType" = 'date' then ${micros('date')} end`;
}

/** The indexes of a relation, as JSON. @param oid an SQL expression */
function indexesOf(oid: string): string {
  return `coalesce((
        select json_agg(json_build_object('name', format('%I.%I', n.nspname, ic.relname), 'method', am.amname,
          'columns', (select json_agg(coalesce(k.attname, '(expression)') order by at.nth)
            from unnest(x.indkey::int2[]) with ordinality at(num, nth)
            left join pg_attribute k on k.attrelid = x.indrelid and k.attnum = at.num and at.num > 0
            where at.nth <= x.indnkeyatts),
          'isValid', x.indisvalid, 'isPartial', x.indpred is not null,
          'pagesPerRange', case when am.amname = 'brin' then coalesce((select split_part(o, '=', 2)::int
            from unnest(ic.reloptions) o where o like 'pages_per_range=%'), 128) end) order by ic.relname)
        from pg_index x join pg_class ic on ic.oid = x.indexrelid join pg_am am on am.oid = ic.relam
        join pg_namespace n on n.oid = ic.relnamespace where x.indrelid = ${oid}), '[]')`;
}

/** The foreign keys of a relation that are not those of a parent, as JSON. @param oid an SQL expression */
function foreignKeysOf(oid: string): string {
  return `coalesce((
        select json_agg(json_build_object('name', format('%I', o.conname), 'isValid', o.convalidated,
          'definition', regexp_replace(pg_get_constraintdef(o.oid), ' NOT VALID$', '')) order by o.conname)
        from pg_constraint o where o.conrelid = ${oid} and o.contype = 'f' and o.conparentid = 0), '[]')`;
}

/**
 * One row with one column of JSON (`catalogSchema`). Bounds come from the catalog, never from names. It takes no lock but
 * ACCESS SHARE on the catalogs, and reads no row of a table. The session must be in UTC with ISO dates. What waits to be
 * attached has the owner of the table: anybody may write our comment on a table of his own.
 *
 * Statistics come from functions: the view pg_stat_all_tables is read whole for each partition, 10 s for 1,000 of them.
 */
export function catalogQuery(policies: readonly Policy[], quote: (text: string) => string): string {
  const names = policies.map(({ table }) => `(${quote(table)})`).join(', ');
  return `with asked(name) as (values ${names}),
  t as (
    select c.oid, a.name, format('%I.%I', n.nspname, c.relname) as id, c.relname, c.relnamespace,
      format('%I', n.nspname) as schema,
      pg_get_userbyid(c.relowner) as owner,
      (select format('%I', spcname) from pg_tablespace where oid = c.reltablespace) as tablespace,
      (select format('%I', amname) from pg_am
        where oid = c.relam and amname <> current_setting('default_table_access_method')) as "accessMethod",
      c.relreplident as "replicaIdentity", p.partstrat::text as strategy,
      coalesce((select json_agg(k.attname order by at.nth) from unnest(p.partattrs::int2[]) with ordinality at(num, nth)
        left join pg_attribute k on k.attrelid = c.oid and k.attnum = at.num), '[]') as key,
      (select format('%I', k.attname) from pg_attribute k
        where k.attrelid = c.oid and k.attnum = p.partattrs[0] and k.attnum > 0) as "column",
      (select y.typname::text from pg_attribute k join pg_type y on y.oid = k.atttypid
        where k.attrelid = c.oid and k.attnum = p.partattrs[0] and y.typname in (${TYPES})) as "keyType",
      pg_stat_get_last_analyze_time(c.oid) as "lastAnalyze"
    from asked a join pg_class c on c.oid = to_regclass(a.name) join pg_namespace n on n.oid = c.relnamespace
    left join pg_partitioned_table p on p.partrelid = c.oid
    where c.relkind in ('r', 'p')),
  c as (
    select i.inhparent, c.oid, format('%I.%I', n.nspname, c.relname) as id, c.relname as name, c.relkind,
      i.inhdetachpending as "isDetachPending", coalesce(pg_get_expr(c.relpartbound, c.oid), '') as bounds
    from pg_inherits i join pg_class c on c.oid = i.inhrelid join pg_namespace n on n.oid = c.relnamespace
    where i.inhparent in (select oid from t)),
  sized as (
    select c.*, l.rows, l.bytes, l."indexBytes", l."lastVacuum" from c cross join lateral (
      select coalesce(sum(greatest(k.reltuples, pg_stat_get_live_tuples(k.oid), 0)), 0)::int8 as rows,
        coalesce(sum(pg_total_relation_size(k.oid)), 0)::int8 as bytes,
        coalesce(sum(pg_indexes_size(k.oid)), 0)::int8 as "indexBytes",
        max(greatest(pg_stat_get_last_vacuum_time(k.oid), pg_stat_get_last_autovacuum_time(k.oid))) as "lastVacuum"
      from (select c.oid as relid where c.relkind <> 'p'
        union all select relid from pg_partition_tree(c.oid) where c.relkind = 'p' and isleaf) leaf
      join pg_class k on k.oid = leaf.relid) l),
  described as (
    select c.inhparent, json_build_object('id', c.id, 'name', c.name, 'isDefault', c.bounds = 'DEFAULT',
      'isDetachPending', c."isDetachPending", 'lower', ${bound('from')}, 'upper', ${bound('to')}, 'bounds', c.bounds,
      'rows', c.rows, 'bytes', c.bytes, 'indexBytes', c."indexBytes", 'lastVacuum', c."lastVacuum",
      'comment', obj_description(c.oid, 'pg_class'), 'isLeaf', c.relkind <> 'p', 'indexes', ${indexesOf('c.oid')}) as json
    from sized c join t on t.oid = c.inhparent)
  select json_build_object('now', (extract(epoch from clock_timestamp()) * 1000000)::int8::text, 'tables', (
    select json_agg(json_build_object('table', a.name, 'found', case when t.oid is not null then json_build_object(
      'id', t.id, 'schema', t.schema, 'owner', t.owner, 'tablespace', t.tablespace,
      'accessMethod', t."accessMethod", 'replicaIdentity', t."replicaIdentity",
      'strategy', t.strategy, 'key', t.key, 'column', t."column", 'keyType', t."keyType", 'lastAnalyze', t."lastAnalyze",
      'isAdopting', t.strategy is null and exists (select from pg_constraint where conrelid = t.oid and conname = '${BOUNDS_CONSTRAINT}'),
      'indexes', ${indexesOf('t.oid')}, 'foreignKeys', ${foreignKeysOf('t.oid')},
      'partitions', coalesce((select json_agg(d.json) from described d where d.inhparent = t.oid), '[]'),
      'apart', coalesce((select json_agg(json_build_object('id', format('%I.%I', n.nspname, k.relname), 'name', k.relname,
          'mark', o.description, 'rows', greatest(k.reltuples, 0)::int8, 'bytes', pg_total_relation_size(k.oid),
          'foreignKeys', ${foreignKeysOf('k.oid')}))
        from pg_description o join pg_class k on k.oid = o.objoid join pg_namespace n on n.oid = k.relnamespace
        where o.classoid = 'pg_class'::regclass and o.objsubid = 0 and not k.relispartition and k.relkind in ('r', 'p')
          and o.description like '${MARK}%' and strpos(o.description, '"of":' || to_json(t.id)::text) > 0
          and (pg_get_userbyid(k.relowner) = t.owner or strpos(o.description, '"then":"attach"') = 0)), '[]'),
      'taken', coalesce((select json_agg(k.relname) from pg_class k where k.relnamespace = t.relnamespace
        and starts_with(k.relname, t.relname || '_')), '[]')) end))
    from asked a left join t on t.name = a.name)) as catalog`;
}
