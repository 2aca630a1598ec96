import { z } from 'zod';

import type { Query } from './psql.ts';

const lagBytes = z.number().nullable();
const lagSeconds = z.number().nullable();

const rowSchema = z.object({
  name: z.string(),
  address: z.string().nullable(),
  state: z.string(),
  syncState: z.string(),
  sentLagBytes: lagBytes,
  writeLagBytes: lagBytes,
  flushLagBytes: lagBytes,
  replayLagBytes: lagBytes,
  writeLagSeconds: lagSeconds,
  flushLagSeconds: lagSeconds,
  replayLagSeconds: lagSeconds,
});

/** One standby as the server that feeds it sees it. Seconds are null while there is nothing to measure. */
export type Replication = z.output<typeof rowSchema>;

/**
 * Who receives WAL from this server, and how far behind each of them is.
 * https://www.postgresql.org/docs/18/monitoring-stats.html#MONITORING-PG-STAT-REPLICATION-VIEW
 */
export const REPLICATION: Query<Replication> = {
  row: rowSchema,
  text: `select application_name as name, host(client_addr) as address, state, sync_state as "syncState",
      pg_wal_lsn_diff(here.lsn, sent_lsn)::bigint as "sentLagBytes",
      pg_wal_lsn_diff(here.lsn, write_lsn)::bigint as "writeLagBytes",
      pg_wal_lsn_diff(here.lsn, flush_lsn)::bigint as "flushLagBytes",
      pg_wal_lsn_diff(here.lsn, replay_lsn)::bigint as "replayLagBytes",
      extract(epoch from write_lag)::float8 as "writeLagSeconds",
      extract(epoch from flush_lag)::float8 as "flushLagSeconds",
      extract(epoch from replay_lag)::float8 as "replayLagSeconds"
    from pg_stat_replication,
      (select case when pg_is_in_recovery() then pg_last_wal_receive_lsn() else pg_current_wal_lsn() end as lsn) as here
    order by application_name`,
};

/** The schema of a row, for a query that has them as a nested array. */
export const replicationRow = rowSchema;
