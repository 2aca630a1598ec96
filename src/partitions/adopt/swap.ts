import { literal } from '../axis.ts';
import { brief, quoteIdentifier, quoteLiteral, type Statement } from '../statements.ts';
import type { TableKey } from './catalog.ts';
import { ownKeys, widened } from './keys.ts';
import { parentId, parentKeyName } from './parent.ts';
import type { Target } from './target.ts';

const NAME_MAX = 63;

/**
 * The swap is one statement, sent at once: nobody waits for a network while the table is locked, and it is done whole or
 * not at all. Sessions that wait for the lock meanwhile look the name up again and find the parent. The CHECK spares the
 * attach its scan, and the SET NOT NULL that a primary key brings.
 */
export function swapStatement(target: Target): Statement {
  const { table, first, type } = target;
  const own = table.id;
  const old = `${table.schema}.${quoteIdentifier(first.name)}`;
  const lines = [
    `LOCK TABLE ${own} IN ACCESS EXCLUSIVE MODE`,
    ...table.triggers.map(({ name }) => `DROP TRIGGER ${name} ON ${own}`),
    ...table.publications.map(({ name }) => `ALTER PUBLICATION ${name} DROP TABLE ${own}`),
    ...table.serials.map(({ sequence }) => `ALTER SEQUENCE ${sequence} OWNED BY NONE`),
    `ALTER TABLE ${own} RENAME TO ${quoteIdentifier(first.name)}`,
    `ALTER TABLE ${parentId(target)} RENAME TO ${quoteIdentifier(table.name)}`,
    ...identities(target, old),
    ...ownKeys(table).flatMap((key) => keyOf(target, key, old)),
    ...table.serials.map(({ column, sequence }) => `ALTER SEQUENCE ${sequence} OWNED BY ${own}.${column}`),
    ...table.triggers.map(({ definition }) => definition),
    `ALTER TABLE ${own} ATTACH PARTITION ${old} FOR VALUES FROM (MINVALUE) TO (${literal(first.upper, type)})`,
    ...ownKeys(table).map((key) => `ALTER INDEX ${table.schema}.${parentKeyName(key)} RENAME TO ${key.name}`),
    ...table.views.map(viewOf),
    ...table.publications.map(({ name }) => `ALTER PUBLICATION ${name} ADD TABLE ${own}`),
    `COMMENT ON TABLE ${own} IS ${table.comment === null ? 'NULL' : quoteLiteral(table.comment)}`,
    `COMMENT ON TABLE ${old} IS NULL`,
  ];
  const body = `BEGIN\n${lines.map((line) => `  ${line};`).join('\n')}\nEND`;
  return brief(`DO ${quoteLiteral(body)}`);
}

/** A partition has no identity of its own. The parent's sequence goes on where the old one is. */
function identities(target: Target, old: string): string[] {
  const { table } = target;
  const parent = `${table.schema}.${quoteIdentifier(table.name)}`;
  return table.identities.flatMap(({ column, sequence, name }) => {
    const made = `pg_get_serial_sequence(${quoteLiteral(parent)}, ${quoteLiteral(unquoted(column))})`;
    return [
      `PERFORM setval(${made}, last_value, is_called) FROM ${sequence}`,
      `ALTER TABLE ${old} ALTER COLUMN ${column} DROP IDENTITY`,
      `EXECUTE format('ALTER SEQUENCE %s RENAME TO %I', ${made}, ${quoteLiteral(unquoted(name))})`,
    ];
  });
}

/** Its index moves over to a name of the partition, so that the parent's can have its own. */
function keyOf({ table, first }: Target, key: TableKey, old: string): string[] {
  const name = quoteIdentifier(partitionKeyName(table.name, first.name, key));
  const wide = widened(table).find((each) => each.key === key);
  if (wide === undefined) return [`ALTER INDEX ${table.schema}.${key.name} RENAME TO ${name}`];
  if (key.constraint === null) {
    return [`DROP INDEX ${table.schema}.${key.name}`, `ALTER INDEX ${table.schema}.${wide.name} RENAME TO ${name}`];
  }
  const kind = key.constraint === 'p' ? 'PRIMARY KEY' : 'UNIQUE';
  return [
    `ALTER TABLE ${old} DROP CONSTRAINT ${key.name}`,
    `ALTER TABLE ${old} ADD CONSTRAINT ${name} ${kind} USING INDEX ${wide.name}`,
  ];
}

function viewOf({ id, options, definition }: Target['table']['views'][number]): string {
  const settings = options === null || options === '' ? '' : ` WITH (${options})`;
  return `CREATE OR REPLACE VIEW ${id}${settings} AS ${definition.replace(/;\s*$/u, '')}`;
}

/** `events_pkey` of `events_before_2027_01`: `events_before_2027_01_pkey`; where that is too long, a short one. Pure. */
function partitionKeyName(table: string, partition: string, { rawName, oid }: TableKey): string {
  const end = rawName.startsWith(`${table}_`) ? rawName.slice(table.length) : `_${rawName}`;
  const name = `${partition}${end}`;
  return name.length <= NAME_MAX ? name : `pgscale_${oid}`;
}

function unquoted(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name;
}
