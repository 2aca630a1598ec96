import { z } from 'zod';

import type { Catalogue } from '../../archive/catalogue.ts';
import { givenUpAt } from '../../archive/given-up.ts';
import { timelinesOf } from '../../archive/window.ts';
import type { Query } from '../../sql/psql.ts';
import { readRows } from '../../sql/psql.ts';
import { PgscaleError } from '../../errors/pgscale-error.ts';
import type { Reader } from '../../host/host.ts';
import { timesOfChange } from '../../run/audit.ts';
import { audited } from '../audited.ts';
import { readCatalogue } from '../backup/read-catalogue.ts';
import { backupSpecOf } from '../backup/session.ts';
import { connectedDatabaseHosts, type ClusterSession } from '../cluster-session.ts';
import { leaderOf, readMembers } from '../switchover/look.ts';
import { plainName } from './request.ts';

const rowSchema = z.object({ lsn: z.string(), at: z.string(), timeline: z.number() });

/** A name in the WAL to which a restore can go. */
export type RestorePoint = z.output<typeof rowSchema> & { readonly name: string };

/**
 * Writes a name into the WAL. https://www.postgresql.org/docs/18/functions-admin.html#FUNCTIONS-ADMIN-BACKUP
 * PostgreSQL does not mind a name that is there already, and a restore goes to the first one: so it is refused, as far as the
 * hosts know of it.
 * @throws PgscaleError PGS_USAGE, PGS_RESTORE_POINT_EXISTS, PGS_NO_BACKUP, PGS_NO_LEADER, PGS_SQL, PGS_REPOSITORY
 */
export async function createRestorePoint(session: ClusterSession, name: string): Promise<RestorePoint> {
  backupSpecOf(session.spec);
  const query: Query<z.output<typeof rowSchema>> = {
    row: rowSchema,
    // The name was checked: it has no quote.
    text: `select pg_create_restore_point('${plainName(name)}')::text as lsn, clock_timestamp() as at,
      ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int as timeline`,
  };
  const change = `restore point ${name}`;
  const primary = leaderOf(await readMembers(session));
  const host = session.host(primary);
  await refuseKnown(session, { name, change, reader: host });
  return await audited(session, { command: 'restore-point create', changes: [change] }, async () => {
    const [row] = (await readRows(host, { port: session.spec.postgres.port, name: 'postgres' }, query)) ?? [];
    if (row !== undefined) return { name, ...row };
    throw new PgscaleError('PGS_NO_LEADER', { what: `PostgreSQL on ${primary} does not answer` });
  });
}

async function refuseKnown(
  session: ClusterSession,
  { name, change, reader }: { name: string; change: string; reader: Reader },
): Promise<void> {
  const hosts = connectedDatabaseHosts(session);
  const known = (await Promise.all(hosts.map((each) => timesOfChange(each, change)))).flat();
  if (known.length === 0) return;
  const catalogue = await readCatalogue(reader, session.spec.cluster);
  const first = known.toSorted().find((at) => canBeMet(catalogue, Date.parse(at)));
  if (first === undefined) return;
  throw new PgscaleError('PGS_RESTORE_POINT_EXISTS', {
    what: `there is a restore point ${name} already, of ${first}`,
    next: [`pgscale restore --name '${name}', to go back to that one`, 'or give this one another name'],
  });
}

/**
 * Whether a restore along the newest timeline may come by a moment: it replays from the start of the oldest backup, and not what was
 * given up by a restore in place. Pure.
 */
export function canBeMet(catalogue: Catalogue, atMs: number): boolean {
  const [oldest] = catalogue.backups;
  const newest = timelinesOf(catalogue).at(-1);
  if (oldest === undefined || newest === undefined) return false;
  return atMs >= oldest.startedAtMs && givenUpAt(catalogue, newest, atMs) === undefined;
}
