import pg from 'pg';
import { z } from 'zod';

import type { Query } from './psql.ts';

/** A stream with everything decided: where it comes from and who reads it. */
export interface Stream {
  readonly name: string;
  readonly plugin: 'pgoutput' | 'wal2json';
  readonly database: string;
  readonly role: string;
  /** With their schemas. */
  readonly tables: readonly string[];
}

const tableRow = z.object({
  table: z.string(),
  isThere: z.boolean(),
  isPartitioned: z.boolean(),
  /** Of the table, or of its partitions, those whose UPDATE and DELETE do not tell which row it was: PostgreSQL refuses both. */
  unidentified: z.array(z.string()),
  /** Rows are hidden from the role of the stream, which would silently be missing in its first copy. */
  isHidden: z.boolean(),
});
export type StreamTable = z.output<typeof tableRow>;

/** What the tables of a stream are. https://www.postgresql.org/docs/18/logical-replication-publication.html */
export function tablesQuery({ tables, role }: Pick<Stream, 'tables' | 'role'>): Query<StreamTable> {
  const names = tables.map((each) => pg.escapeLiteral(each)).join(', ');
  return {
    row: tableRow,
    text: `select wanted.name as table, c.oid is not null as "isThere", coalesce(c.relkind = 'p', false) as "isPartitioned",
        coalesce((select json_agg(l.oid::regclass::text order by l.oid::regclass::text) from pg_class l
          where l.oid in (select c.oid where c.relkind = 'r' union all select relid from pg_partition_tree(c.oid) where isleaf and relid <> c.oid)
            and not (l.relreplident = 'f' or (l.relreplident <> 'n' and exists (select from pg_index i where i.indrelid = l.oid
              and (i.indisreplident or (l.relreplident = 'd' and i.indisprimary)))))), '[]') as unidentified,
        coalesce(c.relrowsecurity and not exists (select from pg_roles where rolname = ${pg.escapeLiteral(role)}
          and (rolbypassrls or rolsuper)), false) as "isHidden"
      from unnest(array[${names}]) as wanted(name) left join pg_class c on c.oid = to_regclass(wanted.name) and c.relkind in ('r', 'p')`,
  };
}

/** Lets the role read the tables of the stream and no others, and publishes them. For psql. */
export function publicationStatements(stream: Stream): string {
  const { name, plugin, database, role, tables } = stream;
  const [who, publication] = [pg.escapeIdentifier(role), pg.escapeIdentifier(name)];
  const list = tables.map(qualified).join(', ');
  const schemas = [...new Set(tables.map((each) => each.split('.')[0] ?? ''))].map((each) => pg.escapeIdentifier(each));
  const grants = `begin;
select format('revoke all on %I.%I from %I', table_schema, table_name, grantee)
  from information_schema.role_table_grants where grantee = ${pg.escapeLiteral(role)} \\gexec
grant connect on database ${pg.escapeIdentifier(database)} to ${who};
grant usage on schema ${schemas.join(', ')} to ${who};
grant select on ${list} to ${who};`;
  if (plugin === 'wal2json') return `${grants}\ncommit;`;
  return `${grants}
select format('create publication %I with (publish_via_partition_root = true)', ${pg.escapeLiteral(name)})
  where not exists (select from pg_publication where pubname = ${pg.escapeLiteral(name)}) \\gexec
alter publication ${publication} set table ${list};
commit;`;
}

/** A slot that standbys keep copies of. */
export function createSlot({ name, plugin }: Pick<Stream, 'name' | 'plugin'>): string {
  return `select pg_create_logical_replication_slot(${pg.escapeLiteral(name)}, ${pg.escapeLiteral(plugin)}, temporary => false, twophase => false, failover => true);`;
}

export function dropSlot(name: string): string {
  return `select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = ${pg.escapeLiteral(name)};`;
}

/** @param to a position in the WAL; the current one when left out */
export function advanceSlot(name: string, to?: string): string {
  const where = to === undefined ? 'pg_current_wal_lsn()' : `${pg.escapeLiteral(to)}::pg_lsn`;
  return `select end_lsn::text from pg_replication_slot_advance(${pg.escapeLiteral(name)}, ${where});`;
}

/** The same to the current position, unless a consumer has come already, which takes it on by itself. */
export function advanceIdleSlot(name: string): string {
  return `select pg_replication_slot_advance(slot_name, pg_current_wal_lsn()) from pg_replication_slots where slot_name = ${pg.escapeLiteral(name)} and not active;`;
}

/** Takes away what `publicationStatements` and the role made, in the database of the stream. */
export function dropStatements({ name, role }: Pick<Stream, 'name' | 'role'>): string {
  const who = pg.escapeIdentifier(role);
  return `drop publication if exists ${pg.escapeIdentifier(name)};
select format('drop owned by %I', rolname) from pg_roles where rolname = ${pg.escapeLiteral(role)} \\gexec
drop role if exists ${who};`;
}

/** A copy can be used when the consumer has passed a snapshot in the WAL; PostgreSQL writes one every 15 s by itself. */
export const STANDBY_SNAPSHOT = 'select pg_log_standby_snapshot();';

function qualified(table: string): string {
  return table
    .split('.')
    .map((part) => pg.escapeIdentifier(part))
    .join('.');
}
