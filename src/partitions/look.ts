import { isTimeKey, KEY_TYPES } from './axis.ts';
import { catalogQuery, catalogSchema, type Catalog } from './catalog.ts';
import type { Seen } from './plan-table.ts';
import type { Policy } from './policy.ts';
import { quoteLiteral } from './statements.ts';

/** Gives what psql prints for one SELECT. */
export type Ask = (query: string) => Promise<string>;

/**
 * Bounds are printed as the session writes times. Sizes take ACCESS SHARE on each partition: behind a VACUUM FULL of one of
 * them a session would wait for as long as that takes, also when nobody waits for its answer any more.
 */
export const SESSION_SETTINGS =
  "SET timezone = 'UTC'; SET datestyle = 'ISO'; SET search_path = pg_catalog; SET lock_timeout = '2s'";

/**
 * For a session that changes tables as well. An autovacuum is told to give way to who waits for its table only after
 * deadlock_timeout, a second: the waits here end long before, again and again, for as long as it vacuums.
 * https://www.postgresql.org/docs/18/routine-vacuuming.html#AUTOVACUUM
 */
export const CHANGER_SETTINGS = `${SESSION_SETTINGS}; SET deadlock_timeout = '20ms'`;

/**
 * Limits that a server may have for others: a rotation does nothing for as long as a dump takes, an index takes hours. As
 * a query, since not every version has both.
 */
export const NO_LIMITS = `SELECT set_config(name, '0', false) FROM pg_settings WHERE name IN ('idle_session_timeout', 'transaction_timeout')`;

/** Reads what the server has of the tables of the policies. @throws whatever `ask` throws */
export async function look(ask: Ask, policies: readonly Policy[]): Promise<Seen> {
  const catalog = catalogSchema.parse(JSON.parse(await ask(catalogQuery(policies, quoteLiteral))));
  const query = highestQuery(policies, catalog);
  const answer = query === undefined ? {} : (JSON.parse(await ask(query)) as Record<string, string | null>);
  const highest = Object.entries(answer).flatMap(([table, value]) =>
    value === null ? [] : [[table, BigInt(value)] as const],
  );
  return { catalog, highestIds: new Map(highest) };
}

/** The highest id of each table that is cut by ids; undefined when there is none. */
function highestQuery(policies: readonly Policy[], catalog: Catalog): string | undefined {
  const parts = policies.flatMap(({ table, by }) => {
    const found = catalog.tables.find((each) => each.table === table)?.found;
    const type = KEY_TYPES.find((each) => each === found?.keyType);
    if (
      found === undefined ||
      found === null ||
      found.column === null ||
      type === undefined ||
      isTimeKey(type) ||
      by !== 'range'
    )
      return [];
    return [`${quoteLiteral(table)}, (SELECT max(${found.column})::text FROM ${found.id})`];
  });
  return parts.length === 0 ? undefined : `SELECT json_build_object(${parts.join(', ')})`;
}
