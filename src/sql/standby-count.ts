import { z } from 'zod';

import type { Query } from './psql.ts';

const rowSchema = z.object({ streaming: z.number(), synchronous: z.number() });
export type StandbyCount = z.output<typeof rowSchema>;

/** How many standbys stream from this server, and how many of them confirm its commits. Base backups do not count. */
export const STANDBY_COUNT: Query<StandbyCount> = {
  row: rowSchema,
  text: `select count(*) filter (where state = 'streaming')::int as streaming,
      count(*) filter (where sync_state in ('sync', 'quorum'))::int as synchronous
    from pg_stat_replication
    where application_name not like 'seed_%' and application_name <> 'pg_basebackup'`,
};
