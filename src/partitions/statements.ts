import { type Bounds, type KeyType, literal, type Position } from './axis.ts';
import { BOUNDS_CONSTRAINT, type TableCatalog } from './catalog.ts';
import { withMark } from './mark.ts';
import type { Action, TablePlan, Values, WantedIndex } from './plan.ts';

/**
 * One transaction. Those that `waits` may wait for long, because nobody has to wait behind them; all others give up
 * after a moment and are tried again.
 */
export interface Statement {
  readonly commands: readonly string[];
  readonly waits: boolean;
  /** It ends when others wait behind it all the same: for what it takes at the end of its wait. */
  readonly yields?: boolean;
  /** It reads a whole table, which may take hours. */
  readonly isLong?: boolean;
}

/** The oldest transaction that is under way: a drop proves that neither it nor a later one has written since. */
export const OLDEST_RUNNING = 'SELECT pg_snapshot_xmin(pg_current_snapshot())::xid';

/** What statements have to know of their table. */
interface Table {
  readonly found: TableCatalog;
  readonly type: KeyType | undefined;
}

/** The transactions of one action, in order. All SQL of the rotation is here. Pure. */
export function statementsOf({ found, keyType: type }: TablePlan, action: Action): Statement[] {
  if (found === undefined) return [];
  const table = { found, type };
  const { id } = action;
  switch (action.kind) {
    case 'finalize':
      return [{ ...waiting(`ALTER TABLE ${found.id} DETACH PARTITION ${id} FINALIZE`), yields: true }];
    case 'create':
      return [create(table, action)];
    case 'reference':
      return [
        ...(action.isThere
          ? []
          : [brief(`ALTER TABLE ${id} ADD CONSTRAINT ${action.name} ${action.definition} NOT VALID`)]),
        { ...waiting(`ALTER TABLE ${id} VALIDATE CONSTRAINT ${action.name}`), isLong: true },
      ];
    case 'attach':
      return [attach(table, id, action.values)];
    case 'detach':
      return [
        brief(`COMMENT ON TABLE ${id} IS ${quoteLiteral(withMark(action.mark, action.comment))}`),
        { ...waiting(`ALTER TABLE ${found.id} DETACH PARTITION ${id} CONCURRENTLY`), yields: true },
      ];
    case 'archive':
      // No SQL: pg_dump, on the host of the primary.
      return [];
    case 'drop':
      return [{ ...brief(drop(table, action)), isLong: true }];
    case 'index':
      return [
        ...action.invalid.map((name) => waiting(`DROP INDEX CONCURRENTLY ${name}`)),
        { ...waiting(`CREATE INDEX CONCURRENTLY ON ${id} ${indexBody(action.index)}`), isLong: true },
      ];
    case 'summarize':
      return [waiting(`SELECT brin_summarize_new_values(${quoteLiteral(action.index)}::regclass)`)];
  }
}

/** The statement as somebody would type it into psql. Pure. */
export function scriptOf({ commands }: Statement): string {
  const lines = commands.length === 1 ? commands : ['BEGIN', ...commands, 'COMMIT'];
  return lines.map((line) => `${line};`).join('\n');
}

/**
 * A table beside its parent: nobody else sees it before it is attached, so that all of it is one transaction. A CHECK
 * that matches the bounds spares ATTACH the scan, and DETACH CONCURRENTLY the making of it. An identity column would
 * stop the attach; the parent's is taken over by it. Access method and tablespace are what LIKE leaves out of what
 * PARTITION OF does.
 * https://www.postgresql.org/docs/18/ddl-partitioning.html#DDL-PARTITIONING-DECLARATIVE-MAINTENANCE
 * https://www.postgresql.org/docs/18/sql-createtable.html#SQL-CREATETABLE-METHOD
 */
function create({ found, type }: Table, { id, values, indexes }: Extract<Action, { kind: 'create' }>): Statement {
  const check = checkOf(found.column ?? '', values, type);
  const constraint = check === undefined ? '' : `, CONSTRAINT ${BOUNDS_CONSTRAINT} CHECK (${check})`;
  const { lower, upper } = values.by === 'range' ? values : { lower: null, upper: null };
  const which = values.by === 'range' ? {} : { values: forValues(values, type) };
  const mark = withMark({ of: found.id, then: 'attach', lower, upper, ...which }, null);
  const identity = { f: 'FULL', n: 'NOTHING' }[found.replicaIdentity];
  const method = found.accessMethod === null ? '' : ` USING ${found.accessMethod}`;
  const tablespace = found.tablespace === null ? '' : ` TABLESPACE ${found.tablespace}`;
  return {
    commands: [
      `CREATE TABLE ${id} (LIKE ${found.id} INCLUDING ALL EXCLUDING IDENTITY${constraint})${method}${tablespace}`,
      `ALTER TABLE ${id} OWNER TO ${quoteIdentifier(found.owner)}`,
      ...(identity === undefined ? [] : [`ALTER TABLE ${id} REPLICA IDENTITY ${identity}`]),
      ...indexes.map((index) => `CREATE INDEX ON ${id} ${indexBody(index)}`),
      `COMMENT ON TABLE ${id} IS ${quoteLiteral(mark)}`,
    ],
    waits: false,
  };
}

/** An index can be the replica identity of a partition once it is known which of its indexes is that of the parent. */
function attach({ found, type }: Table, id: string, values: Values): Statement {
  const command = `ALTER TABLE ${found.id} ATTACH PARTITION ${id} ${forValues(values, type)}`;
  if (found.replicaIdentity !== 'i') return brief(command);
  const [parent, partition] = [quoteLiteral(found.id), quoteLiteral(id)];
  const identity = doBlock(`DECLARE own name; BEGIN
  SELECT relname INTO STRICT own FROM pg_index AS chosen
    JOIN pg_inherits ON inhparent = chosen.indexrelid
    JOIN pg_index AS copy ON copy.indexrelid = inhrelid JOIN pg_class ON pg_class.oid = copy.indexrelid
    WHERE chosen.indrelid = ${parent}::regclass AND chosen.indisreplident AND copy.indrelid = ${partition}::regclass;
  EXECUTE format('ALTER TABLE %s REPLICA IDENTITY USING INDEX %I', ${partition}, own);
END`);
  return { commands: [command, identity], waits: false };
}

/** What was detached, or dumped, a while ago may have been written to since: it is looked at in the same transaction. */
function drop(table: Table, { id, provenBelow, unchangedSince }: Extract<Action, { kind: 'drop' }>): string {
  const proofs = [
    ...(unchangedSince === undefined
      ? []
      : [proof(id, `age(xmin) BETWEEN 0 AND age('${unchangedSince}'::xid)`, 'was written to after it was archived')]),
    ...kept(table, id, provenBelow),
  ];
  if (proofs.length === 0) return `DROP TABLE ${id}`;
  return doBlock(`BEGIN
  LOCK TABLE ${id} IN SHARE MODE;
${proofs.join('\n')}
  DROP TABLE ${id};
END`);
}

/** Whatever names are in it do not end it: who owns a table names its partitions, and the rotation is a superuser. */
function doBlock(body: string): string {
  let quote = '$$';
  for (let nth = 1; body.includes(quote); nth++) quote = `$pgscale${nth}$`;
  return `DO ${quote} ${body} ${quote}`;
}

function kept({ found, type }: Table, id: string, provenBelow: Position | null): string[] {
  if (provenBelow === null || type === undefined) return [];
  return [proof(id, `${found.column ?? ''} >= ${literal(provenBelow, type)}`, 'holds rows that are kept')];
}

function proof(id: string, condition: string, what: string): string {
  return `  IF EXISTS (SELECT FROM ${id} WHERE ${condition}) THEN RAISE EXCEPTION '% ${what}', ${quoteLiteral(id)}; END IF;`;
}

/** Which rows a partition takes, as SQL. Pure. */
export function forValues(values: Values, type: KeyType | undefined): string {
  switch (values.by) {
    case 'range':
      return `FOR VALUES FROM (${end(values.lower, type, 'MINVALUE')}) TO (${end(values.upper, type, 'MAXVALUE')})`;
    case 'list':
      return `FOR VALUES IN (${values.values.map(valueLiteral).join(', ')})`;
    case 'hash':
      return `FOR VALUES WITH (MODULUS ${values.modulus}, REMAINDER ${values.remainder})`;
  }
}

function end(position: Position | null, type: KeyType | undefined, open: string): string {
  return position === null || type === undefined ? open : literal(position, type);
}

/** The condition that PostgreSQL takes as proof of the bounds; hash partitions begin empty, and need none. */
function checkOf(column: string, values: Values, type: KeyType | undefined): string | undefined {
  if (values.by === 'hash') return undefined;
  if (values.by === 'list') {
    return `${column} IS NOT NULL AND ${column} IN (${values.values.map(valueLiteral).join(', ')})`;
  }
  return rangeCheck(column, values, type);
}

function rangeCheck(column: string, { lower, upper }: Bounds, type: KeyType | undefined): string | undefined {
  if (type === undefined) return undefined;
  return [
    `${column} IS NOT NULL`,
    ...(lower === null ? [] : [`${column} >= ${literal(lower, type)}`]),
    ...(upper === null ? [] : [`${column} < ${literal(upper, type)}`]),
  ].join(' AND ');
}

function indexBody({ method, columns, pagesPerRange }: WantedIndex): string {
  const storage = pagesPerRange === undefined ? '' : ` WITH (pages_per_range = ${pagesPerRange})`;
  return `USING ${method} (${columns.map(quoteIdentifier).join(', ')})${storage}`;
}

function valueLiteral(value: string | number): string {
  return typeof value === 'number' ? String(value) : quoteLiteral(value);
}

/** Text as an SQL literal, whatever it holds; standard_conforming_strings is on. */
export function quoteLiteral(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

/** A name as SQL writes it. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** One command behind which others would have to wait. */
export function brief(command: string): Statement {
  return { commands: [command], waits: false };
}

/** One command that may wait for long. */
export function waiting(command: string): Statement {
  return { commands: [command], waits: true };
}
