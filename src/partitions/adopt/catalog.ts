import * as z from 'zod/mini';

import { KEY_TYPES } from '../axis.ts';
import { BOUNDS_CONSTRAINT } from '../catalog.ts';

/** What the comment of the constraint begins with that an adoption puts on its table, and of the parent that it makes. */
export const ADOPT_MARK = 'pgscale adopt: ';
/** The names of the indexes that an adoption builds begin so. */
export const ADOPT_PREFIX = 'pgscale_adopt_';

const key = z.object({
  /** Of the index; of a constraint the same. With quotes where it needs them, without its schema. */
  name: z.string(),
  rawName: z.string(),
  oid: z.string(),
  /** p, u: a constraint; null: an index only. */
  constraint: z.nullable(z.string()),
  isUnique: z.boolean(),
  isValid: z.boolean(),
  /** With quotes where they need them; an expression is null. */
  columns: z.array(z.nullable(z.string())),
  hasKey: z.boolean(),
  /** Partial, deferrable, INCLUDE, NULLS NOT DISTINCT: not what can be made wider by one more column. */
  isSpecial: z.boolean(),
  /** `USING btree (…) …` of an index; `PRIMARY KEY (…)` of a constraint. */
  body: z.string(),
});

const named = z.array(z.string());

const table = z.object({
  id: z.string(),
  schema: z.string(),
  name: z.string(),
  owner: z.string(),
  /** r: a plain table; p: partitioned. */
  kind: z.string(),
  /** What else it is that stands in the way: temporary, unlogged, inherits, typed. */
  peculiar: named,
  rows: z.number(),
  bytes: z.number(),
  indexBytes: z.number(),
  column: z.nullable(
    z.object({ name: z.string(), type: z.nullable(z.string()), isNotNull: z.boolean(), isGenerated: z.boolean() }),
  ),
  keys: z.array(key),
  exclusions: named,
  foreignKeys: z.array(z.object({ name: z.string(), definition: z.string(), isValid: z.boolean() })),
  /** Of other tables, that refer to this one. */
  referring: named,
  /** CHECK and NOT NULL that are not validated, not enforced, or not inherited. */
  oddConstraints: named,
  triggers: z.array(z.object({ name: z.string(), definition: z.string(), why: z.nullable(z.string()) })),
  rules: named,
  views: z.array(z.object({ id: z.string(), options: z.nullable(z.string()), definition: z.string() })),
  /** Materialized views, functions, policies and columns that hold on to the table by more than its name. */
  dependents: named,
  /** CREATE POLICY, with `%s` for the table. */
  policies: named,
  rowSecurity: z.object({ isOn: z.boolean(), isForced: z.boolean() }),
  replicaIdentity: z.string(),
  publications: z.array(z.object({ name: z.string(), isPlain: z.boolean() })),
  isPublishedByOthers: z.boolean(),
  /** `SELECT ON TABLE %s TO reader`, without GRANT. */
  grants: named,
  comment: z.nullable(z.string()),
  storage: named,
  /** Columns with an identity and the sequence of each. */
  identities: z.array(z.object({ column: z.string(), sequence: z.string(), name: z.string() })),
  /** Sequences that belong to a column that is no identity. */
  serials: z.array(z.object({ column: z.string(), sequence: z.string() })),
  generated: named,
  /** The mark in the comment of the constraint that an adoption has put on it. */
  begun: z.nullable(z.object({ mark: z.nullable(z.string()), isValid: z.boolean() })),
  /** The parent that an adoption has made and not attached to. */
  parent: z.nullable(z.object({ id: z.string(), isOurs: z.boolean() })),
  taken: named,
});

/** What the server has of a table that is to be adopted. */
export const adoptCatalogSchema = z.object({
  now: z.pipe(
    z.string(),
    z.transform((digits: string) => BigInt(digits)),
  ),
  found: z.nullable(table),
});
export type AdoptCatalog = z.output<typeof adoptCatalogSchema>;
export type PlainTable = NonNullable<AdoptCatalog['found']>;
export type TableKey = PlainTable['keys'][number];

/** What the name of the parent ends with until the swap. */
export const PARENT_SUFFIX = '_adopting';

const TYPES = KEY_TYPES.map((type) => `'${type}'`).join(', ');

/** Rows of a subquery as a JSON array; none is an empty one. */
function list(select: string): string {
  return `coalesce((select json_agg(x.v order by x.o) from (${select}) x(v, o)), '[]')`;
}

/** `table` and `column` are literals. The session must have search_path = pg_catalog: names come out with their schemas. */
export function adoptQuery(tableLiteral: string, columnLiteral: string): string {
  return `with t as (select c.*, n.nspname from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.oid = to_regclass(${tableLiteral}) and c.relkind in ('r', 'p')),
  k as (select a.* from pg_attribute a join t on a.attrelid = t.oid
    where a.attname = ${columnLiteral} and a.attnum > 0 and not a.attisdropped)
  select json_build_object('now', (extract(epoch from clock_timestamp()) * 1000000)::int8::text, 'found',
    (select json_build_object('id', format('%I.%I', nspname, relname), 'schema', format('%I', nspname), 'name', relname,
    'owner', pg_get_userbyid(relowner), 'kind', relkind::text,
    'peculiar', to_json(array_remove(array[
      case relpersistence when 't' then 'temporary' when 'u' then 'unlogged' end,
      case when relispartition then 'a partition itself' end,
      case when reloftype <> 0 then 'of a composite type' end,
      case when exists (select from pg_inherits where not relispartition and (inhrelid = t.oid
        or (inhparent = t.oid and relkind = 'r'))) then 'in an inheritance (INHERITS)' end], null)),
    'rows', greatest(reltuples, (select n_live_tup from pg_stat_all_tables where relid = t.oid), 0)::int8,
    'bytes', pg_table_size(t.oid), 'indexBytes', pg_indexes_size(t.oid),
    'column', (select json_build_object('name', format('%I', k.attname), 'type', (select typname from pg_type y
      where y.oid = k.atttypid and y.typname in (${TYPES})), 'isNotNull', k.attnotnull and not exists (select from
      pg_constraint o where o.conrelid = t.oid and o.contype = 'n' and o.conkey = array[k.attnum] and not o.convalidated),
      'isGenerated', k.attgenerated <> '') from k),
    'keys', ${keysOf()},
    'exclusions', ${list("select format('%I', conname), conname from pg_constraint where conrelid = t.oid and (contype = 'x' or conperiod)")},
    'foreignKeys', ${list(`select json_build_object('name', format('%I', conname), 'definition', pg_get_constraintdef(oid),
      'isValid', convalidated and conenforced), conname from pg_constraint where conrelid = t.oid and contype = 'f'`)},
    'referring', ${list("select format('%s (%I)', conrelid::regclass, conname), conname from pg_constraint where confrelid = t.oid and contype = 'f'")},
    'oddConstraints', ${list(`select format('%I', conname), conname from pg_constraint where conrelid = t.oid
      and contype in ('c', 'n') and conname <> '${BOUNDS_CONSTRAINT}' and not (convalidated and conenforced and not connoinherit)`)},
    'triggers', ${triggersOf()},
    'rules', ${list("select format('%I', rulename), rulename from pg_rewrite where ev_class = t.oid")},
    'views', ${list(`select json_build_object('id', v.oid::regclass::text, 'options', array_to_string(v.reloptions, ', '),
      'definition', pg_get_viewdef(v.oid)), v.oid::text from pg_class v where v.relkind = 'v' and v.oid in (${rewritten()})`)},
    'dependents', ${list(dependents())},
    'policies', ${policiesOf()},
    'rowSecurity', json_build_object('isOn', relrowsecurity, 'isForced', relforcerowsecurity),
    'replicaIdentity', relreplident::text,
    'publications', ${list(`select json_build_object('name', format('%I', p.pubname), 'isPlain', r.prqual is null and r.prattrs is null),
      p.pubname from pg_publication_rel r join pg_publication p on p.oid = r.prpubid where r.prrelid = t.oid`)},
    'isPublishedByOthers', exists (select from pg_publication where puballtables)
      or exists (select from pg_publication_namespace s where s.pnnspid = t.relnamespace),
    'grants', ${grantsOf()},
    'comment', obj_description(t.oid, 'pg_class'),
    'storage', coalesce(to_json(reloptions), '[]'),
    'identities', ${list(`select json_build_object('column', format('%I', attname), 'sequence', s.oid::regclass::text, 'name', format('%I', s.relname)),
      attname from pg_attribute a join pg_class s on s.oid = pg_get_serial_sequence(format('%I.%I', nspname, t.relname), a.attname)::regclass
      where a.attrelid = t.oid and a.attidentity <> ''`)},
    'serials', ${list(`select json_build_object('column', format('%I', a.attname), 'sequence', d.objid::regclass::text), a.attname
      from pg_depend d join pg_class s on s.oid = d.objid and s.relkind = 'S' join pg_attribute a on a.attrelid = t.oid and a.attnum = d.refobjsubid
      where d.classid = 'pg_class'::regclass and d.refclassid = 'pg_class'::regclass and d.refobjid = t.oid and d.deptype = 'a' and a.attidentity = ''`)},
    'generated', ${list("select format('%I', attname), attname from pg_attribute where attrelid = t.oid and attgenerated <> '' and not attisdropped")},
    'begun', (select json_build_object('mark', obj_description(oid, 'pg_constraint'), 'isValid', convalidated)
      from pg_constraint where conrelid = t.oid and contype = 'c' and conname = '${BOUNDS_CONSTRAINT}'),
    'parent', (select json_build_object('id', format('%I.%I', t.nspname, p.relname), 'isOurs', p.relkind = 'p'
        and starts_with(coalesce(obj_description(p.oid, 'pg_class'), ''), '${ADOPT_MARK}')
        and not exists (select from pg_inherits where inhparent = p.oid))
      from pg_class p where p.relnamespace = t.relnamespace and p.relname = t.relname || '${PARENT_SUFFIX}'),
    'taken', ${list("select relname, relname from pg_class where relnamespace = t.relnamespace and starts_with(relname, t.relname || '_')")})
    from t)) as catalog`;
}

function keysOf(): string {
  return list(`select json_build_object('name', format('%I', ic.relname), 'rawName', ic.relname, 'oid', ic.oid::text, 'constraint', o.contype::text,
      'isUnique', x.indisunique, 'isValid', x.indisvalid,
      'columns', (select json_agg(case when at.num > 0 then format('%I', a.attname) end order by at.nth)
        from unnest(x.indkey::int2[]) with ordinality at(num, nth)
        left join pg_attribute a on a.attrelid = t.oid and a.attnum = at.num where at.nth <= x.indnkeyatts),
      'hasKey', exists (select from k, unnest(x.indkey::int2[]) with ordinality at(num, nth)
        where at.nth <= x.indnkeyatts and at.num = k.attnum),
      'isSpecial', x.indpred is not null or not x.indimmediate or x.indnkeyatts <> x.indnatts or x.indnullsnotdistinct,
      'body', case when o.oid is not null then pg_get_constraintdef(o.oid) else substr(pg_get_indexdef(ic.oid),
        length(format('CREATE %sINDEX %I ON %I.%I ', case when x.indisunique then 'UNIQUE ' else '' end, ic.relname, t.nspname, t.relname)) + 1) end),
    ic.relname
    from pg_index x join pg_class ic on ic.oid = x.indexrelid
    left join pg_constraint o on o.conindid = ic.oid and o.conrelid = t.oid and o.contype in ('p', 'u', 'x')
    where x.indrelid = t.oid and o.contype is distinct from 'x'`);
}

function triggersOf(): string {
  return list(`select json_build_object('name', format('%I', tgname), 'definition', pg_get_triggerdef(oid), 'why',
      case when tgenabled <> 'O' then 'is not simply enabled' when tgconstraint <> 0 then 'is a constraint trigger'
      when tgtype & 3 = 3 and tgtype & 20 > 0 and exists (select from k join pg_proc f on f.oid = tgfoid
        where f.prosrc ~* format('new\\.%1$s\\s*:=|(;|begin|then|else|loop)\\s*new\\.%1$s\\s*=', k.attname)) then 'sets the partition key, and a row gets its partition before'
      when (tgoldtable is not null or tgnewtable is not null) and tgtype & 1 = 1 then 'sees transition tables for each row' end),
      tgname from pg_trigger where tgrelid = t.oid and not tgisinternal`);
}

function rewritten(): string {
  return `select w.ev_class from pg_depend d join pg_rewrite w on w.oid = d.objid
      where d.classid = 'pg_rewrite'::regclass and d.refclassid = 'pg_class'::regclass and d.refobjid = t.oid and w.ev_class <> t.oid`;
}

/** What would stay with the old table when its name goes to another, and cannot be made anew in an instant. */
function dependents(): string {
  return `select 'the materialized view ' || v.oid::regclass, 1 from pg_class v where v.relkind = 'm' and v.oid in (${rewritten()})
      union all select distinct 'the function ' || d.objid::regprocedure, 2 from pg_depend d where d.classid = 'pg_proc'::regclass
        and ((d.refclassid = 'pg_class'::regclass and d.refobjid = t.oid) or (d.refclassid = 'pg_type'::regclass and d.refobjid = t.reltype))
      union all select 'a policy of ' || p.polrelid::regclass, 3 from pg_policy p join pg_depend d on d.objid = p.oid
        where d.classid = 'pg_policy'::regclass and d.refclassid = 'pg_class'::regclass and d.refobjid = t.oid and p.polrelid <> t.oid
      union all select format('the column %s.%I, which is of its row type', a.attrelid::regclass, a.attname), 4
        from pg_attribute a join pg_type y on y.oid = a.atttypid join pg_class h on h.oid = a.attrelid and h.relkind in ('r', 'p', 'c')
        where a.atttypid in (t.reltype, (select typarray from pg_type where oid = t.reltype)) and not a.attisdropped`;
}

function policiesOf(): string {
  return list(`select format('CREATE POLICY %I ON %%s AS %s FOR %s TO %s%s%s', polname,
      case when polpermissive then 'PERMISSIVE' else 'RESTRICTIVE' end,
      case polcmd when 'r' then 'SELECT' when 'a' then 'INSERT' when 'w' then 'UPDATE' when 'd' then 'DELETE' else 'ALL' end,
      (select string_agg(case when r = 0 then 'PUBLIC' else quote_ident(pg_get_userbyid(r)) end, ', ') from unnest(polroles) r),
      ' USING (' || pg_get_expr(polqual, polrelid) || ')', ' WITH CHECK (' || pg_get_expr(polwithcheck, polrelid) || ')'), polname from pg_policy where polrelid = t.oid`);
}

function grantsOf(): string {
  const to = `case when g.grantee = 0 then 'PUBLIC' else quote_ident(pg_get_userbyid(g.grantee)) end
        || case when g.is_grantable then ' WITH GRANT OPTION' else '' end`;
  return list(`select format('%s ON TABLE %%s TO %s', g.privilege_type, ${to}), 0 from aclexplode(t.relacl) g where g.grantee <> t.relowner
      union all select format('%s (%I) ON TABLE %%s TO %s', g.privilege_type, a.attname, ${to}), a.attnum
        from pg_attribute a cross join aclexplode(a.attacl) g where a.attrelid = t.oid and not a.attisdropped`);
}
