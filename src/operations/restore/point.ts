import { z } from 'zod';

import type { Query } from '../../sql/psql.ts';
import { readRows } from '../../sql/psql.ts';
import { PgscaleError } from '../../errors/pgscale-error.ts';
import { audited } from '../audited.ts';
import { backupSpecOf } from '../backup/session.ts';
import type { ClusterSession } from '../cluster-session.ts';
import { leaderOf, readMembers } from '../switchover/look.ts';
import { plainName } from './request.ts';

const rowSchema = z.object({ lsn: z.string(), at: z.string(), timeline: z.number() });

/** A name in the WAL to which a restore can go. */
export type RestorePoint = z.output<typeof rowSchema> & { readonly name: string };

/**
 * Writes a name into the WAL. https://www.postgresql.org/docs/18/functions-admin.html#FUNCTIONS-ADMIN-BACKUP
 * @throws PgscaleError PGS_USAGE, PGS_NO_BACKUP, PGS_NO_LEADER, PGS_SQL
 */
export async function createRestorePoint(session: ClusterSession, name: string): Promise<RestorePoint> {
  backupSpecOf(session.spec);
  const query: Query<z.output<typeof rowSchema>> = {
    row: rowSchema,
    // The name was checked: it has no quote.
    text: `select pg_create_restore_point('${plainName(name)}')::text as lsn, clock_timestamp() as at,
      ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int as timeline`,
  };
  const primary = leaderOf(await readMembers(session));
  const host = session.host(primary);
  const rows = await audited(session, { command: 'restore-point create', changes: [`restore point ${name}`] }, () =>
    readRows(host, { port: session.spec.postgres.port, name: 'postgres' }, query),
  );
  const [row] = rows ?? [];
  if (row !== undefined) return { name, ...row };
  throw new PgscaleError('PGS_NO_LEADER', { what: `PostgreSQL on ${primary} does not answer` });
}
