import { z } from 'zod';

import type { Query } from './psql.ts';

const rowSchema = z.object({
  phase: z.string(),
  totalBytes: z.number().nullable(),
  streamedBytes: z.number(),
});

export type BaseBackupProgress = z.output<typeof rowSchema>;

/**
 * How far the base backup of one standby is, asked on its source.
 * https://www.postgresql.org/docs/18/progress-reporting.html#BASEBACKUP-PROGRESS-REPORTING
 *
 * @param applicationName letters, digits, - and _ only: it stands in the text of the query.
 */
export function baseBackupProgress(applicationName: string): Query<BaseBackupProgress> {
  if (!/^[\w-]+$/u.test(applicationName)) throw new Error(`not an application name of ours: ${applicationName}`);
  return {
    row: rowSchema,
    text: `select p.phase, p.backup_total as "totalBytes", coalesce(p.backup_streamed, 0) as "streamedBytes"
      from pg_stat_progress_basebackup p join pg_stat_activity a using (pid)
      where a.application_name = '${applicationName}'`,
  };
}
