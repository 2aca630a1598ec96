import { z } from 'zod';

import type { Query } from './psql.ts';
import { REPLICATION, replicationRow } from './replication.ts';

const rowSchema = z.object({ isInRecovery: z.boolean(), replication: z.array(replicationRow) });

export type LagRow = z.output<typeof rowSchema>;

/** Whether a server is the primary, and who receives WAL from it. */
export const LAG: Query<LagRow> = {
  row: rowSchema,
  text: `select pg_is_in_recovery() as "isInRecovery",
      coalesce((select json_agg(each) from (${REPLICATION.text}) as each), '[]') as replication`,
};
