import { PgscaleError } from '../../../errors/pgscale-error.ts';
import { readFacts } from '../../../host/facts.ts';
import type { Host } from '../../../host/host.ts';
import type { RunOptions } from '../../../run/run-stages.ts';
import { loadCluster } from '../../../spec/cluster.ts';
import { bootstrapHost } from '../../../spec/topology.ts';
import { applyIn } from '../../apply/index.ts';
import { backupSpecOf } from '../../backup/session.ts';
import { connectedDatabaseHosts, openCluster, type ClusterSession } from '../../cluster-session.ts';
import { withLockedCluster } from '../../locked-cluster.ts';
import type { Plan } from '../../plan.ts';
import { beginsAnew, findCopy } from '../in-place/state.ts';
import { freePort, type SidePlan } from '../into-side.ts';
import type { SidePosition } from '../position.ts';
import { planRestore, type RestorePlan } from '../preflight.ts';
import { targetText, type RestoreTarget } from '../request.ts';
import { estimateMs } from '../server.ts';
import { sideDirectory } from '../../../spec/restore-places.ts';
import { INTO_NEW, type Side } from '../side.ts';
import { refuseBegun, refuseMisfit } from './refusals.ts';
import { chosenFrom, dataFrom, endSteps, type NewWork } from './steps.ts';

/** Hosts of the old cluster are often gone. */
const CONNECT_DEADLINE_MS = 6000;

export interface IntoNewOptions {
  /** Of the cluster that has the archive. */
  sourcePath: string;
  /** Of the new cluster. */
  specPath: string;
  target: RestoreTarget;
  timeline?: number | undefined;
  isExclusive: boolean;
  lockWaitMs: number;
  /** Asked once, before anything is changed. */
  confirm: (asked: NewPlan) => Promise<void>;
  run: RunOptions;
}

/** What will be done. */
export interface NewPlan {
  readonly from: string;
  readonly host: string;
  readonly target: string;
  readonly isArchiving: boolean;
  /** Undefined when no host of the old cluster answers: the new one reads the archive as soon as it has pgBackRest. */
  readonly side: SidePlan | undefined;
  /** An earlier run has proven it and has the files already. */
  readonly goesOn: boolean;
  readonly plan: Plan;
}

export interface RestoredNew {
  readonly cluster: string;
  readonly from: string;
  readonly host: string;
  readonly target: string;
  readonly isArchiving: boolean;
  /** What it was restored to; null when an earlier run had come past that. */
  readonly restoredTo: SidePosition | null;
  readonly durationMs: number;
}

/**
 * Makes a new cluster on other hosts out of the archive of another one, as that was at a moment: an `apply` of its spec whose
 * first data directory comes from the archive. The old cluster may be gone, and is not touched; the new one has secrets and an
 * archive of its own. Interrupted anywhere, the same command goes on.
 *
 * @throws PgscaleError PGS_RESTORE_NEW, PGS_NO_BACKUP, PGS_RESTORE_TARGET, PGS_RESTORE_SPACE, PGS_REPOSITORY, and what
 * `apply` throws
 */
export async function restoreIntoNew(options: IntoNewOptions): Promise<RestoredNew> {
  const { sourcePath, specPath, lockWaitMs } = options;
  const [source, next] = await Promise.all([loadCluster(sourcePath), loadCluster(specPath)]);
  backupSpecOf(source.spec);
  refuseMisfit(source.spec, next.spec);
  const command = 'restore --into new';
  return withLockedCluster({ specPath, command, lockWaitMs }, async (session) => {
    await using old = await openCluster({
      specPath: sourcePath,
      tolerate: true,
      connectDeadlineMs: CONNECT_DEADLINE_MS,
    });
    return await restoreFrom(old, session, options);
  });
}

async function restoreFrom(
  source: ClusterSession,
  session: ClusterSession,
  options: IntoNewOptions,
): Promise<RestoredNew> {
  const startedAt = performance.now();
  const { spec } = session;
  const { target, timeline, isExclusive } = options;
  const host = session.host(bootstrapHost(spec).name);
  const begun = await findCopy(session, INTO_NEW);
  const words = `${targetText(target, isExclusive)}, from ${source.spec.cluster}`;
  await refuseBegun(session, begun, { host: host.name, target: words, timeline });
  const phase = begun !== undefined && beginsAnew(begun, target.target) ? 'files' : begun?.phase;
  const created = { name: INTO_NEW, host: host.name, target: words, createdAt: new Date().toISOString() };
  const copy = begun?.side ?? { ...created, port: await freePort(host, spec) };
  const isChosen = begun !== undefined && phase !== 'files';
  const side = isChosen
    ? undefined
    : await planEarly(source, host, { copy, directory: sideDirectory(spec, INTO_NEW) }, options);
  let restoredTo: SidePosition | null = null;
  const work: NewWork = {
    source,
    target,
    timeline,
    isExclusive,
    copy,
    phase,
    chosen: isChosen ? begun.side : chosenIn(side?.plan),
    reached: (position) => void (restoredTo = position),
  };
  const facts = { from: source.spec.cluster, host: host.name, target: words, isArchiving: spec.backup !== undefined };
  await applyIn(session, {
    command: 'restore',
    run: options.run,
    firstData: dataFrom(work),
    after: [{ title: 'Restored', steps: endSteps(session, host), serial: true }],
    confirm: async (plan) => {
      await options.confirm({ ...facts, side, goesOn: isChosen, plan });
      return true;
    },
  });
  return { cluster: spec.cluster, ...facts, restoredTo, durationMs: Math.round(performance.now() - startedAt) };
}

function chosenIn(plan: RestorePlan | undefined): NewWork['chosen'] {
  return plan && chosenFrom(plan.route);
}

/** The proof before anything is changed, as long as a host of the old cluster can read the archive; undefined when none can. */
async function planEarly(
  source: ClusterSession,
  host: Host,
  { copy, directory }: { copy: Omit<Side, 'backup' | 'timeline'>; directory: string },
  { target, timeline }: IntoNewOptions,
): Promise<SidePlan | undefined> {
  const [reader] = connectedDatabaseHosts(source);
  if (reader === undefined) return undefined;
  const place = { reader, archive: source.spec.cluster, host, directory };
  const plan = await planRestore(source, place, target.target, timeline).catch((error: unknown) => {
    // A host that answers but has nothing of the cluster any more; the new one tries next.
    if (error instanceof PgscaleError && error.code === 'PGS_REPOSITORY') return undefined;
    throw error;
  });
  if (plan === undefined) return undefined;
  const facts = await readFacts(host, host.address);
  const side = { ...copy, backup: plan.route.backup.label, timeline: plan.route.timeline };
  return { side, plan, estimateMs: estimateMs(plan.route, facts) };
}
