import { parseLsn, shortOfEnd } from '../../archive/segment.ts';
import { PgscaleError } from '../../errors/pgscale-error.ts';
import { sh } from '../../host/command.ts';
import type { Host } from '../../host/host.ts';
import { journalTail } from '../../host/unit.ts';
import { waitFor } from '../../run/deadline.ts';
import type { Report } from '../../run/step.ts';
import { readRows } from '../../sql/psql.ts';
import { SIDE_POSITION, type SidePosition } from './position.ts';
import { follows, sideUnit, takesPlace } from './side.ts';
import { startServer, type SideWork } from './start-server.ts';

export const REPLAY_DEADLINE_MS = 48 * 3_600_000;
/** A copy that follows the archive asks again and again for what cannot be brought. */
const STALLED_MS = 300_000;

/**
 * Waits until a server has come to its target; one that follows the archive: until it has come to where that ended.
 * @throws PgscaleError PGS_RESTORE_FAILED when the replay ends, or gets no further, before the end of the archive; PGS_UNIT_FAILED
 */
export async function replay(work: SideWork, report: Report, signal: AbortSignal): Promise<void> {
  const { host, side, files, endLsn, reached } = work;
  const isLatest = files.target.target.kind === 'latest';
  const hasCome = follows(side.name, files.target.target) ? archiveWatch(work) : waitsAtTarget;
  // A copy that is to take the cluster's place may have been promoted by an earlier run.
  const mayEnd = isLatest || takesPlace(side.name);
  const unit = sideUnit(side.name);
  const wait = {
    what: `the replay to ${side.target}`,
    host: host.name,
    deadlineMs: REPLAY_DEADLINE_MS,
    pollMs: 500,
    signal,
  };
  const position = await waitFor({ ...wait, why: () => journalTail(host, unit) }, async () => {
    await refuseEnded(host, unit, files.target.target.kind === 'time');
    const [row] =
      (await readRows(host, { port: side.port, name: 'postgres' }, SIDE_POSITION).catch(() => undefined)) ?? [];
    if (row === undefined) return undefined;
    report(`at ${row.lsn ?? 'the beginning'}, ${row.lastTransactionAt ?? 'no transaction yet'}`);
    if (row.isPaused && (await isOutgrown(host, unit))) {
      report('a parameter was raised on the way: the server is started again with the higher value');
      await startServer(work);
      return undefined;
    }
    const isThere = row.isInRecovery ? await hasCome(row) : mayEnd;
    return isThere ? row : undefined;
  });
  const short = isLatest ? shortText(position, endLsn) : undefined;
  if (short !== undefined) throw await endedEarly(host, unit, short);
  reached(position);
}

function shortText({ lsn }: SidePosition, endLsn: number | undefined): string | undefined {
  const at = parseLsn(lsn ?? '');
  return at === undefined || endLsn === undefined ? undefined : shortOfEnd(at, endLsn);
}

/** One that recovers to a target waits there. */
async function waitsAtTarget({ isPaused }: SidePosition): Promise<boolean> {
  return isPaused;
}

/** Asked at each look whether a copy that follows is at the end of the archive; throws when it gets no nearer. */
function archiveWatch({ host, side, endLsn }: SideWork): (position: SidePosition) => Promise<boolean> {
  let latest: { lsn: string | null; atMs: number } | undefined;
  return async (position) => {
    if (position.lsn === null) return false;
    const short = shortText(position, endLsn);
    if (short === undefined) return true;
    if (position.lsn !== latest?.lsn) latest = { lsn: position.lsn, atMs: performance.now() };
    if (performance.now() - latest.atMs > STALLED_MS) throw await endedEarly(host, sideUnit(side.name), short);
    return false;
  };
}

async function endedEarly(host: Host, unit: string, short: string): Promise<PgscaleError> {
  return new PgscaleError('PGS_RESTORE_FAILED', {
    what: `recovery on ${host.name} ended before the end of the archive`,
    host: host.name,
    why: `${short}\n${await journalTail(host, unit)}`,
    next: [
      `pgscale exec ${host.name} -- journalctl -u ${unit} -n 100`,
      'a moment before that is given by --to TIME, in place of --latest',
    ],
  });
}

/**
 * Recovery also pauses, far from its target, where the WAL tells that a parameter such as max_connections was raised. By
 * then the control file has the new value. https://www.postgresql.org/docs/18/hot-standby.html#HOT-STANDBY-ADMIN
 */
async function isOutgrown(host: Host, unit: string): Promise<boolean> {
  const answer = await host.read(
    sh`journalctl --no-pager -o cat _SYSTEMD_INVOCATION_ID=$(systemctl show -p InvocationID --value ${unit}) | grep -c 'insufficient parameter settings'`,
  );
  return Number(answer.stdout) > 0;
}

/** A server that gave up will not come by waiting: most often the WAL ended before the target. */
async function refuseEnded(host: Host, unit: string, isTime: boolean): Promise<void> {
  const state = (await host.read(sh`systemctl is-active ${unit}`)).stdout;
  if (state !== 'failed' && state !== 'inactive') return;
  const why = await journalTail(host, unit);
  throw new PgscaleError('PGS_UNIT_FAILED', {
    what: `recovery on ${host.name} ended before the target`,
    host: host.name,
    why,
    next: [
      // PostgreSQL advises to make its directory; that one is the cluster's.
      ...(why.includes('Tablespace/CREATE')
        ? [
            'A tablespace was made on the way, which cannot be replayed here: choose a moment before, or after the next backup.',
          ]
        : []),
      ...(isTime ? ['When nothing was committed behind that time, --latest gives the same.'] : []),
      '`pgscale backup list` shows what can be restored.',
      `pgscale exec ${host.name} -- journalctl -u ${unit} -n 100`,
    ],
  });
}
