import { z } from 'zod';

import type { Query } from './psql.ts';
import { REPLICATION, replicationRow } from './replication.ts';

const rowSchema = z.object({
  timeline: z.number(),
  longTransactions: z.array(z.object({ pid: z.number(), application: z.string(), seconds: z.number() })),
  preparedTransactions: z.number(),
  isArchiving: z.boolean(),
  /** Segments that wait to be archived; PostgreSQL archives them before it stops. */
  archiveBacklog: z.number(),
  isArchiveFailing: z.boolean(),
  replication: z.array(replicationRow),
});

/** What the primary says about whether it may stop now. */
export type SwitchoverRow = z.output<typeof rowSchema>;

/** @param longSeconds transactions of clients that have been open for at least so long are listed */
export function switchoverQuery(longSeconds: number): Query<SwitchoverRow> {
  return {
    row: rowSchema,
    text: `select ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int as timeline,
      (select coalesce(json_agg(json_build_object('pid', pid, 'application', application_name,
          'seconds', extract(epoch from now() - xact_start)::float8)), '[]') from pg_stat_activity
        where backend_type = 'client backend' and pid <> pg_backend_pid()
          and xact_start < now() - make_interval(secs => ${longSeconds})) as "longTransactions",
      (select count(*)::int from pg_prepared_xacts) as "preparedTransactions",
      current_setting('archive_mode') <> 'off' as "isArchiving",
      (select count(*)::int from pg_ls_archive_statusdir() where name like '%.ready') as "archiveBacklog",
      (select coalesce(last_failed_time > coalesce(last_archived_time, '-infinity'), false) from pg_stat_archiver) as "isArchiveFailing",
      coalesce((select json_agg(each) from (${REPLICATION.text}) as each), '[]') as replication`,
  };
}

/** On a standby: returns at the moment at which it has been promoted. Its session outlives the promotion. */
export const WAIT_FOR_PROMOTION = `set statement_timeout = '60s';
do $$ begin while pg_is_in_recovery() loop perform pg_sleep(0.01); end loop; end $$;`;
