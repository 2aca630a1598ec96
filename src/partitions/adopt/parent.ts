import { BOUNDS_CONSTRAINT } from '../catalog.ts';
import { brief, quoteIdentifier, quoteLiteral, type Statement } from '../statements.ts';
import { ADOPT_MARK, ADOPT_PREFIX, PARENT_SUFFIX, type TableKey } from './catalog.ts';
import { ownKeys, widened } from './keys.ts';
import type { Target } from './target.ts';

/** The parent until the swap, with its schema. Pure. */
export function parentId({ table }: Pick<Target, 'table'>): string {
  return `${table.schema}.${parentName(table.name)}`;
}

/** Its index or constraint in the place of one of the table, until the swap. Pure. */
export function parentKeyName({ oid }: TableKey): string {
  return `${ADOPT_PREFIX}p${oid}`;
}

/**
 * An empty partitioned table with everything that the plain one has: nobody uses it yet, so that this may take its time.
 * Foreign keys come one by one, because each locks the table that it refers to against writes for a moment.
 */
export function parentStatements(target: Target): Statement[] {
  const { table, policy } = target;
  const id = parentId(target);
  const column = table.column?.name ?? quoteIdentifier(policy.column);
  const identity = { f: 'FULL', n: 'NOTHING' }[table.replicaIdentity];
  const mark = `${ADOPT_MARK}${JSON.stringify({ of: table.id })}`;
  return [
    // With its foreign keys: the drop locks what they refer to, so that it must not wait, nor be part of something longer.
    ...(table.parent?.isOurs === true ? [brief(`DROP TABLE ${table.parent.id}`)] : []),
    {
      waits: true,
      commands: [
        `CREATE TABLE ${id} (LIKE ${table.id} INCLUDING ALL EXCLUDING INDEXES) PARTITION BY RANGE (${column})`,
        `ALTER TABLE ${id} OWNER TO ${quoteIdentifier(table.owner)}`,
        `ALTER TABLE ${id} DROP CONSTRAINT IF EXISTS ${BOUNDS_CONSTRAINT}`,
        ...ownKeys(table).map((key) => keyOf(target, key)),
        ...(identity === undefined ? [] : [`ALTER TABLE ${id} REPLICA IDENTITY ${identity}`]),
        ...(table.rowSecurity.isOn ? [`ALTER TABLE ${id} ENABLE ROW LEVEL SECURITY`] : []),
        ...(table.rowSecurity.isForced ? [`ALTER TABLE ${id} FORCE ROW LEVEL SECURITY`] : []),
        ...table.policies.map((text) => forTable(text, id)),
        ...table.grants.map((text) => `GRANT ${forTable(text, id)}`),
        `COMMENT ON TABLE ${id} IS ${quoteLiteral(mark)}`,
      ],
    },
    ...table.foreignKeys.map(({ name, definition }) => brief(`ALTER TABLE ${id} ADD CONSTRAINT ${name} ${definition}`)),
  ];
}

function keyOf(target: Target, key: TableKey): string {
  const id = parentId(target);
  const name = parentKeyName(key);
  const wide = widened(target.table).find((each) => each.key === key);
  if (wide === undefined) {
    return key.constraint === null
      ? `CREATE ${key.isUnique ? 'UNIQUE ' : ''}INDEX ${name} ON ${id} ${key.body}`
      : `ALTER TABLE ${id} ADD CONSTRAINT ${name} ${key.body}`;
  }
  const columns = `(${wide.columns.join(', ')})`;
  if (key.constraint === null) return `CREATE UNIQUE INDEX ${name} ON ${id} ${columns}`;
  return `ALTER TABLE ${id} ADD CONSTRAINT ${name} ${key.constraint === 'p' ? 'PRIMARY KEY' : 'UNIQUE'} ${columns}`;
}

/** Whatever else is in the text, the table is what `%s` stands for first. */
function forTable(text: string, id: string): string {
  return text.replace('%s', () => id);
}

function parentName(name: string): string {
  return quoteIdentifier(`${name}${PARENT_SUFFIX}`);
}
