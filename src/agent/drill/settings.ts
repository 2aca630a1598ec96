import * as z from 'zod/mini';

import { archiveSettings } from '../archive/settings.ts';

/** What the restore drill of one host is told: /etc/pgscale/pgbackrest/drill.json. */
export const drillSettings = z.object({
  archive: archiveSettings,
  /** Where it restores to, and what it removes in the end; nobody else's. */
  scratchDirectory: z.string(),
  binDirectory: z.string(),
  /** Of the member itself. */
  live: z.object({ socketDirectory: z.string(), port: z.number() }),
  /** Lines of postgresql.conf. */
  parameters: z.array(z.string()),
  /** Each gives one row with one column, which is true. */
  checks: z.array(z.object({ database: z.string(), sql: z.string() })),
  outcomeFile: z.string(),
});
export type DrillSettings = z.output<typeof drillSettings>;
