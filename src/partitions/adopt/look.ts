import { INFINITY, isTimeKey, type KeyType } from '../axis.ts';
import type { Ask } from '../look.ts';
import type { Problem } from '../plan.ts';
import type { RangePolicy } from '../policy.ts';
import { quoteLiteral } from '../statements.ts';
import { type AdoptCatalog, adoptCatalogSchema, adoptQuery, type PlainTable } from './catalog.ts';
import { type KeyOptions, rowProblems, tableProblems } from './preflight.ts';
import { firstOf, keyTypeOf, presentOf, type Rows, type Target } from './target.ts';

/** A table as an adoption sees it. */
export interface AdoptLook {
  readonly found: PlainTable | undefined;
  readonly problems: readonly Problem[];
  /** How it would be adopted; undefined where that cannot be said. */
  readonly target: Target | undefined;
}

/** Reads what the server has of a table, without changing or locking anything. @throws whatever `ask` throws */
export async function lookAtPlain(ask: Ask, policy: RangePolicy, options: KeyOptions): Promise<AdoptLook> {
  const query = adoptQuery(quoteLiteral(policy.table), quoteLiteral(policy.column));
  const catalog = adoptCatalogSchema.parse(JSON.parse(await ask(query)));
  const { found } = catalog;
  if (found === null || found.kind === 'p') return { found: found ?? undefined, problems: [], target: undefined };
  const problems = tableProblems(found, policy.column, options);
  const type = keyTypeOf(found);
  if (type === undefined || found.column === null) return { found, problems, target: undefined };
  const rows = await readRows(ask, found, type);
  const target = targetOf(policy, type, catalog, { table: found, rows });
  return { found, problems: [...problems, ...rowProblems(target, rows)], target };
}

function targetOf(
  policy: RangePolicy,
  type: KeyType,
  catalog: AdoptCatalog,
  { table, rows }: { table: PlainTable; rows: Rows },
): Target {
  const now = presentOf(policy, type, catalog, rows);
  return { policy, table, type, now, first: firstOf(policy, type, now, table) };
}

/** An index on the key answers at once; without one the table is read. */
async function readRows(ask: Ask, { id, column }: PlainTable, type: KeyType): Promise<Rows> {
  const name = column?.name ?? '';
  const position = isTimeKey(type)
    ? `case max(${name}) when 'infinity' then '${INFINITY}' when '-infinity' then null
        else (extract(epoch from max(${name})) * 1000000)::int8::text end`
    : `max(${name})::text`;
  const hasNull = column?.isNotNull === true ? 'false' : `exists (SELECT FROM ${id} WHERE ${name} IS NULL)`;
  const answer = await ask(
    `SELECT json_build_object('highest', (SELECT ${position} FROM ${id}), 'hasNull', ${hasNull})`,
  );
  const { highest, hasNull: found } = JSON.parse(answer) as { highest: string | null; hasNull: boolean };
  return { highest: highest === null ? null : BigInt(highest), hasNull: found };
}
