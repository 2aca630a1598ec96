import { z } from 'zod';

import type { Query } from './psql.ts';

const rowSchema = z.object({
  lastArchivedWal: z.string().nullable(),
  lastArchivedAt: z.string().nullable(),
  lastFailedAt: z.string().nullable(),
  /** The last attempt failed. */
  isFailing: z.boolean(),
  /** Segments that are finished and not in the repository. */
  waiting: z.number(),
  /** Seconds since the oldest of them was finished. */
  waitingSeconds: z.number().nullable(),
  walBytes: z.number(),
  segmentBytes: z.number(),
});

/** How archiving goes on the primary. */
export type ArchiverRow = z.output<typeof rowSchema>;

/** https://www.postgresql.org/docs/18/monitoring-stats.html#MONITORING-PG-STAT-ARCHIVER-VIEW */
export const ARCHIVER: Query<ArchiverRow> = {
  row: rowSchema,
  text: `select a.last_archived_wal as "lastArchivedWal", a.last_archived_time as "lastArchivedAt",
      a.last_failed_time as "lastFailedAt",
      coalesce(a.last_failed_time > coalesce(a.last_archived_time, '-infinity'), false) as "isFailing",
      w.waiting, w.seconds as "waitingSeconds",
      (select coalesce(sum(size), 0)::float8 from pg_ls_waldir()) as "walBytes",
      (select setting::float8 from pg_settings where name = 'wal_segment_size') as "segmentBytes"
    from pg_stat_archiver a, (select count(*)::int as waiting,
        extract(epoch from clock_timestamp() - min(modification))::float8 as seconds
      from pg_ls_archive_statusdir() where name like '%.ready') w`,
};
