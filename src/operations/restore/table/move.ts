import { quoteIdentifier, quoteLiteral } from '../../../partitions/statements.ts';
import type { Relation, SequenceState } from './look.ts';
import type { Wanted } from './wanted.ts';

/**
 * Gives what is wanted its new schema, in a scratch database that has every definition and no row: names in a dump cannot
 * be replaced safely, and PostgreSQL does it right. What ties it to tables that stay goes: a copy that is a partition, a
 * child, or the referrer of live tables would be in their way. Pure.
 */
export function moveStatements({ schema, table, into }: Wanted, relations: readonly Relation[]): string {
  const to = quoteIdentifier(into);
  const moved = relations.filter((each) => table !== undefined || each.schema !== schema);
  const create =
    table === undefined ? `alter schema ${quoteIdentifier(schema)} rename to ${to};` : `create schema ${to};`;
  return [
    create,
    ...moved.map(
      (each) => `alter table ${quoteIdentifier(each.schema)}.${quoteIdentifier(each.name)} set schema ${to};`,
    ),
    untie(into),
  ].join('\n');
}

function untie(into: string): string {
  const own = `${quoteLiteral(into)}::regnamespace`;
  return `do $untie$
declare each record;
begin
  for each in select i.inhrelid::regclass as child, i.inhparent::regclass as parent, p.relkind = 'p' as partitioned
    from pg_inherits i join pg_class c on c.oid = i.inhrelid join pg_class p on p.oid = i.inhparent
    where c.relnamespace = ${own} and p.relnamespace <> ${own} and c.relkind in ('r', 'p', 'f')
  loop
    if each.partitioned then execute format('alter table %s detach partition %s', each.parent, each.child);
    else execute format('alter table %s no inherit %s', each.child, each.parent);
    end if;
  end loop;
  for each in select k.conrelid::regclass as referrer, k.conname as name
    from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_class f on f.oid = k.confrelid
    where k.contype = 'f' and k.conparentid = 0 and c.relnamespace = ${own} and f.relnamespace <> ${own}
  loop execute format('alter table %s drop constraint %I', each.referrer, each.name);
  end loop;
end $untie$;`;
}

/** Who owned a table may look into the schema in which it is now. Pure. */
export function usageStatement(into: string): string {
  return `do $usage$
declare each record;
begin
  for each in select distinct relowner::regrole as owner from pg_class where relnamespace = ${quoteLiteral(into)}::regnamespace
  loop execute format('grant usage on schema %I to %s', ${quoteLiteral(into)}, each.owner);
  end loop;
end $usage$;`;
}

/** A table's rows on their way: what the side restore is asked for, and what the cluster is told. Pure. */
export function copyStatements({ into }: Wanted, { schema, name, columns }: Relation): { from: string; to: string } {
  const list = columns.join(', ');
  return {
    from: `copy ${quoteIdentifier(schema)}.${quoteIdentifier(name)} (${list}) to stdout`,
    to: `copy ${quoteIdentifier(into)}.${quoteIdentifier(name)} (${list}) from stdin;`,
  };
}

/** Sequences go on where they were. Pure. */
export function sequenceStatements({ into }: Wanted, sequences: readonly SequenceState[]): string[] {
  return sequences.map(({ name, lastValue }) => {
    const sequence = quoteLiteral(`${quoteIdentifier(into)}.${quoteIdentifier(name)}`);
    return `select pg_catalog.setval(${sequence}, ${lastValue});`;
  });
}
