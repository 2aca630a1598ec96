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

/**
 * The timeline that a server writes or follows. A standby's control file tells of its last restart point, which may be as
 * old as checkpoint_timeout; who is fed (or was, until the primary was lost) has the newer one in its minimum recovery point
 * or in the names of the segments that it received. Each can only be older than the truth, so the greatest is right.
 */
export const TIMELINE = `case when pg_is_in_recovery()
    then greatest((select received_tli from pg_stat_wal_receiver),
      (select timeline_id from pg_control_checkpoint()),
      (select min_recovery_end_timeline from pg_control_recovery()),
      (select max(('x' || substr(name, 1, 8))::bit(32)::int) from pg_ls_waldir() where name ~ '^[0-9A-F]{24}$'))
    else ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int end`;

/** After a restart nothing is received yet and the replayed position counts. */
export const POSITION: Query<PositionRow> = {
  row: rowSchema,
  text: `select pg_is_in_recovery() as "isInRecovery",
      ${TIMELINE} as timeline,
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
