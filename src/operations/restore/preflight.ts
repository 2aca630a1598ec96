import prettyBytes from 'pretty-bytes';
import { z } from 'zod';

import type { Backup } from '../../archive/catalogue.ts';
import { routeTo, type Route, type RouteAnswer, type Target } from '../../archive/target.ts';
import { readVersion, type Archive } from '../../components/pgbackrest/client.ts';
import { PgscaleError } from '../../errors/pgscale-error.ts';
import { sh } from '../../host/command.ts';
import type { Host } from '../../host/host.ts';
import { waitFor } from '../../run/deadline.ts';
import { ARCHIVER } from '../../sql/archiver.ts';
import { readRows, runSql, type Query } from '../../sql/psql.ts';
import { readCatalogue } from '../backup/read-catalogue.ts';
import type { ClusterSession } from '../cluster-session.ts';
import { leaderIn, readMembers } from '../switchover/look.ts';
import { sideDirectory } from '../../spec/restore-places.ts';

const ARRIVAL_DEADLINE_MS = 60_000;
/** Room beside the data for what the server writes while it recovers. */
const SPARE_BYTES = 256 * 1024 ** 2;

/** Restored segments go at each restartpoint: so much of them is there at once. */
const WAL_BYTES_MAX = 4 * 1024 ** 3;

/** How a restore will go; found out before anything is changed. */
export interface RestorePlan {
  readonly route: Route;
  readonly freeBytes: number;
  readonly neededBytes: number;
  /** Why the newest WAL is not in the repository, though it could have come; undefined when it is, or nobody has asked for it. */
  readonly notArchived?: string;
}

/** Who reads the repository, and where the data will be. */
export interface RestorePlace {
  readonly reader: Host;
  readonly archive: Archive;
  readonly host: Host;
  /** Of the copy; what an earlier run has left there goes first. */
  readonly directory: string;
}

/** A copy on a host of the cluster itself, which has the archive. */
export function placeOn(host: Host, { spec }: ClusterSession, name: string): RestorePlace {
  return { reader: host, archive: spec.cluster, host, directory: sideDirectory(spec, name) };
}

/**
 * Proves from the repository that a target can be reached, and that the host has room for it. When the archive ends
 * before the target and the primary lives, it is asked to finish its segment: what was just committed can be restored. When it
 * cannot archive, what is in the repository counts, and the plan says so.
 *
 * @param session The cluster that has the archive
 * @throws PgscaleError PGS_RESTORE_TARGET with the reason, PGS_RESTORE_SPACE, PGS_RESTORE_VERSION, PGS_REPOSITORY
 */
export async function planRestore(
  session: ClusterSession,
  { reader, archive, host, directory }: RestorePlace,
  target: Target,
  timeline: number | undefined,
): Promise<RestorePlan> {
  if (target.kind === 'xid') await refuseComing(session, target.xid);
  const look = async (): Promise<RouteAnswer> =>
    routeTo(await readCatalogue(reader, archive), target, Date.now(), timeline);
  const first = await look();
  const more = wantsMore(first, target) ? await tryFinish(session) : { isThere: false };
  const answer = more.isThere ? await look() : first;
  if (!answer.isPossible) {
    throw new PgscaleError('PGS_RESTORE_TARGET', { what: 'the target cannot be restored', why: answer.why });
  }
  await refuseOlder(host, answer.route.backup);
  const freeBytes = await freeBytesOn(host, directory);
  const neededBytes = neededFor(answer.route);
  if (freeBytes < neededBytes) {
    throw new PgscaleError('PGS_RESTORE_SPACE', {
      what: `${host.name} has no room for the restore`,
      host: host.name,
      why: `${size(neededBytes)} are needed in ${directory}, ${size(freeBytes)} are free`,
    });
  }
  return { route: answer.route, freeBytes, neededBytes, ...(more.why !== undefined && { notArchived: more.why }) };
}

function size(bytes: number): string {
  return prettyBytes(bytes, { binary: true });
}

/** Room for the data and for the WAL that is being replayed. Pure. */
export function neededFor({
  backup,
  walBytes,
}: Pick<Route, 'walBytes'> & { backup: { databaseBytes: number } }): number {
  return backup.databaseBytes + Math.min(walBytes, WAL_BYTES_MAX) + SPARE_BYTES;
}

/** pgBackRest reads what older versions of it have written, not what newer ones have. */
async function refuseOlder(host: Host, { label, madeBy }: Backup): Promise<void> {
  const version = await readVersion(host);
  if (version === null || version.localeCompare(madeBy, 'en', { numeric: true }) >= 0) return;
  throw new PgscaleError('PGS_RESTORE_VERSION', {
    what: `${host.name} has pgBackRest ${version}, the backup ${label} was made by ${madeBy}`,
    host: host.name,
    next: ['choose another host with --host', `or install the same version on ${host.name}: pgscale check`],
  });
}

/** The repository cannot tell which transactions it has; the primary can tell those that nobody has had. */
async function refuseComing(session: ClusterSession, xid: string): Promise<void> {
  const host = await primaryHost(session);
  const [row] = (host && (await readRows(host, databaseOf(session), nextXidQuery))) ?? [];
  if (row === undefined || BigInt(xid) < BigInt(row.next)) return;
  throw new PgscaleError('PGS_RESTORE_TARGET', {
    what: 'the target cannot be restored',
    why: `transaction ${xid} has not been; the next one is ${row.next}`,
  });
}

/** The present primary; undefined when there is none that answers. */
async function primaryHost(session: ClusterSession): Promise<Host | undefined> {
  const leader = await readMembers(session).then(leaderIn, () => undefined);
  return leader === undefined ? undefined : session.fleet.hosts.get(leader);
}

function databaseOf({ spec }: ClusterSession): { port: number; name: string } {
  return { port: spec.postgres.port, name: 'postgres' };
}

/**
 * Whether WAL that is not archived yet could matter. Recovery to a time only ends at a commit behind it: on an idle
 * cluster there may be none in the archive, however late its last segment arrived.
 * https://www.postgresql.org/docs/18/runtime-config-wal.html#GUC-RECOVERY-TARGET-TIME
 */
function wantsMore(answer: RouteAnswer, { kind }: Target): boolean {
  if (!answer.isPossible) return answer.isShort;
  return kind !== 'backup' && kind !== 'lsn';
}

const nextXidQuery: Query<{ next: string }> = {
  row: z.object({ next: z.string() }),
  text: 'select pg_snapshot_xmax(pg_current_snapshot())::text as next',
};

const walQuery: Query<{ wal: string }> = {
  row: z.object({ wal: z.string() }),
  text: 'select pg_walfile_name(pg_current_wal_lsn()) as wal',
};

/** That a primary cannot archive is no reason to refuse a restore: most often it is the reason for one. */
async function tryFinish(session: ClusterSession): Promise<{ isThere: boolean; why?: string }> {
  try {
    return { isThere: await finishSegment(session) };
  } catch (error) {
    if (!(error instanceof PgscaleError)) throw error;
    return { isThere: false, why: error.message };
  }
}

/**
 * Has the primary commit, so that recovery finds a commit behind the target, and finish its segment; returns when that
 * is in the archive. False when there is no primary that could.
 */
async function finishSegment(session: ClusterSession): Promise<boolean> {
  const host = await primaryHost(session);
  if (host === undefined) return false;
  const database = databaseOf(session);
  const [written] = (await readRows(host, database, walQuery)) ?? [];
  if (written === undefined) return false;
  await runSql(host, database, 'select pg_current_xact_id(); select pg_switch_wal();');
  await waitFor(
    { what: `${written.wal} to reach the repository`, deadlineMs: ARRIVAL_DEADLINE_MS, host: host.name },
    async () => {
      const [row] = (await readRows(host, database, ARCHIVER)) ?? [];
      const last = row?.lastArchivedWal?.slice(0, 24) ?? '';
      return last >= written.wal ? last : undefined;
    },
  );
  return true;
}

/** With what is in the directory itself. */
async function freeBytesOn(host: Host, directory: string): Promise<number> {
  const answer = await host.read(
    sh`there=${directory}; while [ ! -e "$there" ]; do there=$(dirname "$there"); done; df --block-size=1 --output=avail "$there" | tail -n 1
[ ! -e ${directory} ] || du --block-size=1 -s ${directory} | cut -f 1`,
  );
  const sizes = z.array(z.coerce.number()).min(1).parse(answer.stdout.trim().split('\n'));
  return sizes.reduce((sum, each) => sum + each, 0);
}
