import { z } from 'zod';

import type { Query } from '../../sql/psql.ts';

const rowSchema = z.object({
  isInRecovery: z.boolean(),
  /** It has reached its target and waits. */
  isPaused: z.boolean(),
  /** When the last transaction that it has was committed. */
  lastTransactionAt: z.string().nullable(),
  lsn: z.string().nullable(),
  timeline: z.number(),
});

/** How far a server that recovers has come. */
export type SidePosition = z.output<typeof rowSchema>;

/** https://www.postgresql.org/docs/18/functions-admin.html#FUNCTIONS-RECOVERY-CONTROL */
export const SIDE_POSITION: Query<SidePosition> = {
  row: rowSchema,
  text: `select pg_is_in_recovery() as "isInRecovery",
      case when pg_is_in_recovery() then pg_get_wal_replay_pause_state() = 'paused' else false end as "isPaused",
      pg_last_xact_replay_timestamp() as "lastTransactionAt", pg_last_wal_replay_lsn()::text as lsn,
      greatest((select timeline_id from pg_control_checkpoint()),
        (select min_recovery_end_timeline from pg_control_recovery())) as timeline`,
};
