import { PgscaleError } from '../../../errors/pgscale-error.ts';
import { readFacts } from '../../../host/facts.ts';
import type { Host } from '../../../host/host.ts';
import { runStages, type RunOptions } from '../../../run/run-stages.ts';
import type { Stage } from '../../../run/step.ts';
import { audited } from '../../audited.ts';
import { backupSpecOf } from '../../backup/session.ts';
import { chosenHosts } from '../../chosen-hosts.ts';
import type { ClusterSession } from '../../cluster-session.ts';
import { leaderIn, readMembers } from '../../switchover/look.ts';
import { freePort, type SidePlan } from '../into-side.ts';
import type { SidePosition } from '../position.ts';
import { placeOn, planRestore } from '../preflight.ts';
import { againCommand, targetText, type RestoreTarget } from '../request.ts';
import { estimateMs } from '../server.ts';
import { replay } from '../replay.ts';
import { IN_PLACE } from '../../../spec/restore-places.ts';
import { follows, isAsked, type Side } from '../side.ts';
import { sideSteps } from '../side-steps.ts';
import type { SideWork } from '../start-server.ts';
import { refuseOwnTablespaces, refuseTablespaces } from '../tablespaces.ts';
import { lastWalStep } from './last-wal.ts';
import { settleSteps, swapSteps } from './steps.ts';
import { beginsAnew, findCopy, keptDirectory, type Copy } from './state.ts';

export interface InPlaceOptions {
  target: RestoreTarget;
  timeline?: number | undefined;
  isExclusive: boolean;
  /** The host that becomes the primary; default: the present one. */
  host?: string | undefined;
  /** Asked with what will be done before anything is; without a plan when an interrupted restore goes on. */
  confirm: (side: Side, plan: SidePlan | undefined) => Promise<void>;
  run: RunOptions;
}

export interface RestoredInPlace extends Side {
  /** Where the data of before is until it is discarded; on the host that leads now. */
  readonly kept: string;
  /** What it was restored to; null when an earlier run had come past that. */
  readonly restoredTo: SidePosition | null;
  readonly durationMs: number;
}

/**
 * The whole cluster goes back to a moment. A copy is restored beside the data, replayed to its target while the cluster
 * runs, and verified; only then every member is stopped, the copy (to be the latest, when it has what was committed until
 * then) promoted to a new timeline and put in place of the data
 * directory, which is kept. The standbys follow by pg_rewind, or are copied anew. Interrupted anywhere, the same command
 * goes on; until the copy is in place, `restore drop in-place` goes back.
 *
 * @throws PgscaleError PGS_NO_BACKUP, PGS_RESTORE_TARGET, PGS_RESTORE_SPACE, PGS_RESTORE_EXISTS (another one is unfinished),
 * PGS_RESTORE_FAILED, PGS_JOB_FAILED, PGS_UNIT_FAILED, PGS_REPOSITORY
 */
export async function restoreInPlace(session: ClusterSession, options: InPlaceOptions): Promise<RestoredInPlace> {
  const startedAt = performance.now();
  backupSpecOf(session.spec);
  const begun = await findCopy(session, IN_PLACE);
  const { target, isExclusive, timeline } = options;
  refuseOther(begun, { target: targetText(target, isExclusive), timeline });
  const host = begun?.host ?? (await chosenHost(session, options.host));
  const isAnew = begun === undefined || beginsAnew(begun, target.target);
  const plan = isAnew ? await planAnew(session, host, options) : undefined;
  const side = plan?.side ?? begun?.side;
  if (side === undefined) throw new Error('either it was begun or it is planned');
  await options.confirm(side, plan);
  let restoredTo: SidePosition | null = null;
  const reached = (position: SidePosition): void => void (restoredTo = position);
  const stages = stagesOf(session, { host, side, plan, begun, options, reached });
  await audited(session, { command: 'restore', changes: [`restore in place: ${side.target}`] }, () =>
    runStages(stages, options.run),
  );
  return {
    ...side,
    kept: keptDirectory(session.spec, side),
    restoredTo,
    durationMs: Math.round(performance.now() - startedAt),
  };
}

interface Run {
  readonly host: Host;
  readonly side: Side;
  readonly plan: SidePlan | undefined;
  readonly begun: Copy | undefined;
  readonly options: InPlaceOptions;
  readonly reached: (position: SidePosition) => void;
}

function stagesOf(session: ClusterSession, { host, side, plan, begun, options, reached }: Run): Stage[] {
  const [hostSpec] = chosenHosts(session.spec, { names: [host.name] });
  if (hostSpec === undefined) throw new Error(`${host.name} is in the spec`);
  const { target, isExclusive } = options;
  const { spec } = session;
  const files = {
    spec,
    archive: spec.cluster,
    name: IN_PLACE,
    target,
    isExclusive,
    backup: side.backup,
    timeline: side.timeline,
  };
  const route = plan?.plan.route;
  const databaseBytes = route?.backup.databaseBytes;
  const workTo = (endLsn: number | undefined): SideWork => ({
    host,
    hostSpec,
    side,
    files,
    endLsn,
    databaseBytes,
    reached,
  });
  const copy = sideSteps({ host, side }, () => workTo(route?.endLsn));
  const last = lastWalStep({
    session,
    host,
    side,
    timeline: options.timeline,
    replayTo: (endLsn, report, signal) => replay(workTo(endLsn), report, signal),
  });
  const isFollowing = follows(IN_PLACE, target.target);
  const work = { session, host, side, last: isFollowing ? [last] : [] };
  const left = {
    files: copy,
    // The end of the archive is another one by now.
    restored: isFollowing ? [...copy.slice(1, -1), { ...last, title: 'Replay of WAL to the latest' }] : copy.slice(1),
    promoted: [],
    swapped: [],
  }[plan === undefined ? (begun?.phase ?? 'files') : 'files'];
  const stages = [
    ...(left.length === 0 ? [] : [{ title: 'A copy', steps: left }]),
    { title: 'In place', steps: swapSteps(work) },
    { title: 'Cluster', steps: settleSteps(work) },
  ];
  return stages.map((stage) => ({ ...stage, serial: true }));
}

function refuseOther(begun: Copy | undefined, wanted: { target: string; timeline: number | undefined }): void {
  if (begun === undefined || isAsked(begun.side, wanted)) return;
  const { target, timeline } = begun.side;
  const isOver = begun.phase === 'swapped';
  throw new PgscaleError('PGS_RESTORE_EXISTS', {
    what: `a restore in place to another moment is not finished (${target}, timeline ${timeline}, on ${begun.host.name})`,
    host: begun.host.name,
    next: [
      `run that one again: ${againCommand(begun.side)}`,
      ...(isOver ? [] : ['or go back: pgscale restore drop in-place']),
    ],
  });
}

async function planAnew(session: ClusterSession, host: Host, options: InPlaceOptions): Promise<SidePlan> {
  const { target, timeline } = options;
  await refuseOwnTablespaces(host, session.spec);
  const plan = await planRestore(session, placeOn(host, session, IN_PLACE), target.target, timeline);
  await refuseTablespaces(host, session.spec.cluster, plan.route.backup.label, 'in place');
  const [hostSpec] = chosenHosts(session.spec, { names: [host.name] });
  const side: Side = {
    name: IN_PLACE,
    host: host.name,
    port: await freePort(host, session.spec),
    target: targetText(target, options.isExclusive),
    backup: plan.route.backup.label,
    timeline: plan.route.timeline,
    createdAt: new Date().toISOString(),
  };
  const facts = await readFacts(host, hostSpec?.address ?? host.address);
  return { side, plan, estimateMs: estimateMs(plan.route, facts) };
}

/** The present primary; where there is none, the first database host. @throws PgscaleError PGS_MEMBER_UNKNOWN */
async function chosenHost(session: ClusterSession, wanted: string | undefined): Promise<Host> {
  const name = wanted ?? (await readMembers(session).then(leaderIn, () => undefined));
  const [first] = chosenHosts(session.spec, { role: 'database', ...(name !== undefined && { names: [name] }) });
  if (first !== undefined) return session.host(first.name);
  throw new PgscaleError('PGS_NO_LEADER', { what: 'there is no database host' });
}
