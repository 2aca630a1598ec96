import { z } from 'zod';

import type { Query } from './psql.ts';

const rowSchema = z.object({
  isInRecovery: z.boolean(),
  timeline: z.number().nullable(),
  /** End of the WAL that it has, received or replayed, in bytes since the beginning of time. */
  position: z.number(),
  /** Age of the last commit that it replayed; null when there was none. */
  lastCommitSeconds: z.number().nullable(),
});

/** How far a server has come. */
export type PositionRow = z.output<typeof rowSchema>;

/** After a restart nothing is received yet and the replayed position counts. */
export const POSITION: Query<PositionRow> = {
  row: rowSchema,
  text: `select pg_is_in_recovery() as "isInRecovery",
      case when pg_is_in_recovery()
        then greatest((select received_tli from pg_stat_wal_receiver), (select timeline_id from pg_control_checkpoint()))
        else ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int end as timeline,
      pg_wal_lsn_diff(case when pg_is_in_recovery()
        then greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()) else pg_current_wal_lsn() end, '0/0')::float8 as position,
      extract(epoch from now() - pg_last_xact_replay_timestamp())::float8 as "lastCommitSeconds"`,
};

/** In bytes since the beginning of time: what a primary has written, what a standby has replayed. */
export const REPLAYED: Query<{ bytes: number | null }> = {
  row: z.object({ bytes: z.number().nullable() }),
  text: `select pg_wal_lsn_diff(case when pg_is_in_recovery()
    then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end, '0/0')::float8 as bytes`,
};
