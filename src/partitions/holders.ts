import prettyMs from 'pretty-ms';
import * as z from 'zod/mini';

import type { Ask } from './look.ts';
import { quoteLiteral } from './statements.ts';

const holdersSchema = z.array(
  z.object({ pid: z.int(), role: z.nullable(z.string()), application: z.string(), forMs: z.number() }),
);
type Holder = z.output<typeof holdersSchema>[number];

const SHOWN = 3;

/**
 * Who keeps others from the tables, in words to put behind an error: the oldest transactions that hold a lock on one of
 * them. Empty when there is none any more. What they run is not told: it may hold data.
 *
 * @throws whatever `ask` throws
 */
export async function tellHolders(ask: Ask, tables: readonly string[]): Promise<string> {
  const ids = tables.map((table) => `to_regclass(${quoteLiteral(table)})`).join(', ');
  const answer = await ask(`SELECT coalesce(json_agg(json_build_object('pid', pid, 'role', usename, 'application',
    coalesce(nullif(application_name, ''), backend_type),
    'forMs', round(extract(epoch from clock_timestamp() - coalesce(xact_start, backend_start)) * 1000)) ORDER BY xact_start), '[]')
    FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND pid IN (SELECT pid FROM pg_locks
      WHERE locktype = 'relation' AND granted AND relation IN (${ids})
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))`);
  return holdersText(holdersSchema.parse(JSON.parse(answer)));
}

/** Pure. */
export function holdersText(holders: readonly Holder[]): string {
  if (holders.length === 0) return '';
  const told = holders
    .slice(0, SHOWN)
    .map(({ pid, role, application, forMs }) =>
      [`pid ${pid}`, ...(role === null ? [] : [`role ${role}`]), application, prettyMs(forMs)].join(', '),
    );
  const more = holders.length > SHOWN ? `, and ${holders.length - SHOWN} more` : '';
  return `; locks are held by ${told.map((each) => `(${each})`).join(', ')}${more}`;
}
