import { z } from 'zod';

import type { Reader } from '../host/host.ts';
import { quoteLiteral } from '../partitions/statements.ts';
import type { Spec } from '../spec/schema.ts';
import { askDatabase } from './partitions.ts';

const answer = z.object({ phase: z.string(), share: z.number().nullable(), seconds: z.number() });

/** https://www.postgresql.org/docs/18/progress-reporting.html; validating a constraint is not reported, but how long it runs is. */
const QUERY = (table: string): string => `SELECT json_build_object('phase', x.phase, 'share', x.share, 'seconds',
    extract(epoch FROM clock_timestamp() - a.query_start)::int)
  FROM (SELECT pid, phase, CASE WHEN tuples_total > 0 THEN tuples_done::float8 / tuples_total
      WHEN blocks_total > 0 THEN blocks_done::float8 / blocks_total END AS share
    FROM pg_stat_progress_create_index WHERE relid = to_regclass(${table})
    UNION ALL SELECT pid, 'validating rows', NULL FROM pg_stat_activity
      WHERE state = 'active' AND pid <> pg_backend_pid() AND query LIKE 'ALTER TABLE ' || to_regclass(${table}) || ' VALIDATE CONSTRAINT %') x
  JOIN pg_stat_activity a USING (pid) LIMIT 1`;

/** How far the long step of an adoption is, as a line for people; undefined when none is at work. @throws PgscaleError PGS_SQL */
export async function readProgress(
  reader: Reader,
  spec: Spec,
  database: string,
  table: string,
): Promise<string | undefined> {
  const found = await askDatabase(reader, spec, database, QUERY(quoteLiteral(table)));
  if (found === '') return undefined;
  const { phase, share, seconds } = answer.parse(JSON.parse(found));
  const percent = share === null ? '' : `, ${Math.floor(share * 100)} %`;
  return `${phase}${percent}, ${seconds} s`;
}
