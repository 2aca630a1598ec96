import { PgscaleError } from '../../errors/pgscale-error.ts';
import { sh } from '../../host/command.ts';
import type { Host, Reader } from '../../host/host.ts';
import { readRows } from '../../sql/psql.ts';
import { audited } from '../audited.ts';
import { connectedDatabaseHosts, type ClusterSession } from '../cluster-session.ts';
import { SIDE_POSITION, type SidePosition } from './position.ts';
import { removalScript } from './server.ts';
import { goBack } from './in-place/go-back.ts';
import { IN_PLACE, sideDirectory, sidesDirectory } from '../../spec/restore-places.ts';
import { sideJob, sideSchema, sideUnit, type Side } from './side.ts';

/** A side restore with what its server says now. */
export interface SideState extends Side {
  /** systemd's word: `active`, `activating`, `failed`, `inactive`. */
  readonly state: string;
  readonly bytes: number;
  readonly position: SidePosition | null;
}

/** One that is gone. */
export interface Dropped extends SideState {
  /** Hosts that did not answer, and whose members stay stopped if they were. */
  readonly away: readonly string[];
}

/** The side restores on all hosts that answer. Changes nothing. */
export async function listSides(session: ClusterSession): Promise<SideState[]> {
  const hosts = connectedDatabaseHosts(session);
  const found = await Promise.all(
    hosts.map(async (host) =>
      Promise.all((await sidesOn(host, session)).map(async (side) => stateOf(host, session, side))),
    ),
  );
  return found.flat();
}

async function sidesOn(reader: Reader, { spec }: ClusterSession): Promise<Side[]> {
  const answer = await reader.read(
    sh`for each in ${sidesDirectory(spec)}/*/restore.json; do [ -e "$each" ] && { tr -d '\n' <"$each"; echo; }; done; true`,
  );
  return answer.stdout.split('\n').flatMap((line) => {
    const parsed = line === '' ? undefined : sideSchema.safeParse(JSON.parse(line));
    return parsed?.success === true ? [parsed.data] : [];
  });
}

async function stateOf(reader: Reader, { spec }: ClusterSession, side: Side): Promise<SideState> {
  const [unit, size, rows] = await Promise.all([
    reader.read(sh`systemctl is-active ${sideUnit(side.name)}`),
    reader.read(sh`du --block-size=1 -s ${sideDirectory(spec, side.name)} | cut -f 1`),
    readRows(reader, { port: side.port, name: 'postgres' }, SIDE_POSITION).catch(() => undefined),
  ]);
  return { ...side, state: unit.stdout, bytes: Number(size.stdout.trim()), position: rows?.[0] ?? null };
}

/** Where a side restore is. @throws PgscaleError PGS_RESTORE_UNKNOWN */
export async function findSide(session: ClusterSession, name: string): Promise<SideState> {
  const all = await listSides(session);
  const found = all.find((side) => side.name === name);
  if (found !== undefined) return found;
  const names = all.map((side) => side.name);
  throw new PgscaleError('PGS_RESTORE_UNKNOWN', {
    what: `there is no side restore ${name}`,
    why: names.length === 0 ? 'there is none at all' : `there are ${names.join(', ')}`,
  });
}

/**
 * Ends a side restore and removes all of it. The cluster is not touched; when it was to be replaced by this one, it goes on.
 * @throws PgscaleError PGS_RESTORE_UNKNOWN, PGS_RESTORE_FAILED when it has replaced the cluster already, PGS_HOST_UNREACHABLE
 * when the host that led is away
 */
export async function dropSide(session: ClusterSession, name: string): Promise<Dropped> {
  const side = await findSide(session, name);
  let away: string[] = [];
  const command = 'restore drop';
  await audited(session, { command, changes: [`drop the side restore ${name} on ${side.host}`] }, async () => {
    if (name === IN_PLACE) away = await goBack(session);
    await removeSide(session.host(side.host), session, name);
  });
  return { ...side, away };
}

async function removeSide(host: Host, { spec }: ClusterSession, name: string): Promise<void> {
  await host.run(
    sh`systemctl stop ${`pgscale-${sideJob(name)}.service`} 2>/dev/null || true
${{ script: removalScript(spec, name) }}`,
    { deadlineMs: 300_000 },
  );
}
