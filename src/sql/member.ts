import { z } from 'zod';

import { PENDING_RESTART } from './pending-restart.ts';
import { TIMELINE } from './position.ts';
import type { Query } from './psql.ts';
import { REPLICATION, replicationRow } from './replication.ts';

const rowSchema = z.object({
  isInRecovery: z.boolean(),
  serverVersion: z.string(),
  startedAt: z.string(),
  /** Of the WAL that it writes or follows. */
  timeline: z.number().nullable(),
  synchronousCommit: z.string(),
  synchronousStandbyNames: z.string(),
  pendingRestart: z.array(z.string()),
  /** `streaming`, or null when it receives nothing. */
  receiverState: z.string().nullable(),
  /** The address that a standby is fed from. */
  senderHost: z.string().nullable(),
  connections: z.number(),
  connectionsMax: z.number(),
  replication: z.array(replicationRow),
});

/** A PostgreSQL server as it sees itself. */
export type MemberRow = z.output<typeof rowSchema>;

/** All that the status needs of one server, in one query. */
export const MEMBER: Query<MemberRow> = {
  row: rowSchema,
  text: `select pg_is_in_recovery() as "isInRecovery", current_setting('server_version') as "serverVersion",
      pg_postmaster_start_time() as "startedAt",
      ${TIMELINE} as timeline,
      current_setting('synchronous_commit') as "synchronousCommit",
      current_setting('synchronous_standby_names') as "synchronousStandbyNames",
      array(${PENDING_RESTART}) as "pendingRestart",
      (select status from pg_stat_wal_receiver) as "receiverState",
      (select sender_host from pg_stat_wal_receiver) as "senderHost",
      (select count(*)::int from pg_stat_activity where backend_type = 'client backend') as connections,
      current_setting('max_connections')::int as "connectionsMax",
      coalesce((select json_agg(each) from (${REPLICATION.text}) as each), '[]') as replication`,
};
