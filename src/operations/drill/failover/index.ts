import { setTimeout as sleep } from 'node:timers/promises';

import { outages } from '../../../cluster/outage.ts';
import { PgscaleError } from '../../../errors/pgscale-error.ts';
import { runStages, type RunOptions } from '../../../run/run-stages.ts';
import type { Stage, Step } from '../../../run/step.ts';
import type { HostSpec, Spec } from '../../../spec/schema.ts';
import { hostsWithRole } from '../../../spec/topology.ts';
import { audited } from '../../audited.ts';
import type { ClusterSession, SessionOptions } from '../../cluster-session.ts';
import { withLockedCluster } from '../../locked-cluster.ts';
import { problemLines, readRedundancy } from '../redundancy.ts';
import { Workload, type WorkloadOptions } from '../workload/index.ts';
import { deadlines, promisedOutage } from './deadlines.ts';
import { faultTitle, type FaultChoice } from './fault.ts';
import { powerCommand, type Machines } from './machines.ts';
import type { DrillReport, Round } from './report.ts';
import { RoundRun, type RoundContext } from './round.ts';
import { summaryOf } from './summary.ts';
import { messageOf } from '../../../errors/message.ts';

export interface FailoverDrillOptions extends SessionOptions {
  readonly fault: FaultChoice;
  readonly rounds: number;
  readonly clients: WorkloadOptions;
  /** How long the old primary may take to be a standby again; a re-seed takes as long as the data are large. */
  readonly redundancyMs: number;
  readonly lockWaitMs: number;
  /** Who knows the machines behind these hosts; undefined: nobody. */
  readonly machines: (hosts: readonly HostSpec[], spec: Spec) => Promise<Machines | undefined>;
  /** Switches machines off and on where nobody knows them. */
  readonly powerCommand: string | undefined;
  /** Asked before anything is broken; throws when the answer is no. */
  readonly confirm: (what: DrillPlan) => Promise<void>;
  readonly run: RunOptions;
}

/** What is about to be broken. */
export interface DrillPlan {
  readonly cluster: string;
  readonly title: string;
  readonly rounds: number;
  readonly primary: string;
  /** What promises the cluster makes do not matter: its hosts are throw-away ones. */
  readonly isThrowAway: boolean;
}

const START_DEADLINE_MS = 60_000;
const START_PATIENCE_MS = 20_000;
const CLEAN_DEADLINE_MS = 30_000;
const ROUND_SLACK_MS = 180_000;
/** Hosts come and go here: a login that hangs must not hold up a round. */
const CONNECT_DEADLINE_MS = 10_000;

/**
 * Breaks the primary of a healthy cluster again and again, and measures what clients of its endpoints see.
 * @throws PgscaleError PGS_DRILL_REFUSED and PGS_DRILL_POWER before anything is broken; PGS_DRILL_ENDPOINT; PGS_INTERRUPTED
 */
export async function failoverDrill(options: FailoverDrillOptions): Promise<DrillReport> {
  const lock = { ...options, command: 'drill failover', connectDeadlineMs: CONNECT_DEADLINE_MS };
  return withLockedCluster(lock, async (session) => {
    const { spec } = session;
    const computed = outages(spec);
    if (computed === undefined) throw refused('a cluster without a standby has nothing to fail over to', []);
    const machines = await options.machines(spec.hosts, spec);
    const power = options.powerCommand === undefined ? machines?.power : powerCommand(options.powerCommand);
    if (options.fault.kind === 'power' && power === undefined) throw noPower();
    const plan = { ...(await planOf(session, options)), isThrowAway: machines?.isThrowAway ?? false };
    await options.confirm(plan);
    const workload = new Workload(session, options.clients);
    const limits = deadlines(spec, options.fault, computed, options.redundancyMs);
    const context = { session, workload, choice: options.fault, power, deadlines: limits };
    const startedAt = new Date();
    const changes = [`${options.rounds} × ${plan.title}, ${plan.primary} first`];
    const rounds = await audited(session, { command: 'drill failover', changes }, () => runRounds(context, options));
    return reportOf(session, options, { rounds, startedAt, promised: promisedOutage(options.fault, computed) ?? null });
  });
}

async function planOf(
  session: ClusterSession,
  { fault, rounds }: FailoverDrillOptions,
): Promise<Omit<DrillPlan, 'isThrowAway'>> {
  const { leader, problems } = await readRedundancy(session);
  if (leader === null || problems.length > 0)
    throw refused('the cluster is not whole; a drill would be an outage', problemLines(problems));
  return { cluster: session.spec.cluster, title: faultTitle(fault), rounds, primary: leader };
}

async function runRounds(context: RoundContext, options: FailoverDrillOptions): Promise<Round[]> {
  const { workload } = context;
  const rounds: Round[] = [];
  try {
    await runStages([startStage(workload)], options.run);
    await runStages([roundsStage(context, options.rounds, rounds)], options.run);
  } catch (error) {
    if (!(error instanceof Stopped)) throw await withAftermath(error, workload);
  }
  await workload[Symbol.asyncDispose]();
  // However the run ended: nothing of a drill stays in the database.
  await runStages([cleanStage(workload)], { ...options.run, signal: new AbortController().signal });
  return rounds;
}

function startStage(workload: Workload): Stage {
  const run: Step['run'] = async (_, signal) => {
    await startPatiently(workload, signal).catch((error: unknown) => {
      throw new PgscaleError('PGS_DRILL_ENDPOINT', {
        what: 'this machine cannot write through the pool endpoint',
        why: messageOf(error),
        cause: error,
      });
    });
  };
  return {
    title: 'Clients',
    steps: [{ id: 'clients', title: 'Ledger and clients', deadlineMs: START_DEADLINE_MS, run }],
  };
}

/** A failed login or two says nothing of a busy cluster. */
async function startPatiently(workload: Workload, signal: AbortSignal): Promise<void> {
  const endsAt = performance.now() + START_PATIENCE_MS;
  for (;;) {
    try {
      await workload.start();
      return;
    } catch (error) {
      if (signal.aborted || performance.now() > endsAt) throw error;
      await sleep(1000);
    }
  }
}

/** The cluster did not become whole again: the next round would break a broken one. */
class Stopped extends Error {}

function roundsStage(context: RoundContext, count: number, rounds: Round[]): Stage {
  const { writeMs, redundancyMs } = context.deadlines;
  const steps = Array.from({ length: count }, (_, index): Step => {
    const round = new RoundRun(context, index + 1);
    return {
      id: `round:${index + 1}`,
      title: `Round ${index + 1} of ${count}`,
      deadlineMs: writeMs + redundancyMs + ROUND_SLACK_MS,
      run: async (report, signal) => {
        const result = await round.run(report, signal);
        rounds.push(result);
        if (!result.cameBack) throw new Stopped(result.broken.join('; '));
      },
      undo: () => round.undo(),
    };
  });
  return { title: faultTitle(context.choice), serial: true, steps };
}

function cleanStage(workload: Workload): Stage {
  const run: Step['run'] = () => workload.ledger.drop();
  return {
    title: 'Clean up',
    steps: [{ id: 'ledger', title: 'Remove the ledger', deadlineMs: CLEAN_DEADLINE_MS, run }],
  };
}

/** Stops the clients of a drill that was cut off, removes the ledger, and says what was done. */
async function withAftermath(error: unknown, workload: Workload): Promise<unknown> {
  await workload[Symbol.asyncDispose]();
  const isClean = await workload.ledger.drop().then(
    () => true,
    () => false,
  );
  if (!(error instanceof PgscaleError)) return error;
  const ledger = isClean ? 'the ledger is removed' : 'the ledger (schema pgscale_drill) could not be removed';
  const isBefore = error.code === 'PGS_DRILL_ENDPOINT';
  return new PgscaleError(error.code, {
    what: error.message,
    ...(error.host === undefined ? {} : { host: error.host }),
    why: [error.why, isBefore ? 'nothing was broken' : `the fault is taken back, ${ledger}`]
      .filter((line) => line !== undefined)
      .join('\n'),
    next: ['`pgscale status` shows whether the cluster is whole again', ...error.next],
    details: error.details,
    cause: error,
  });
}

function reportOf(
  { spec }: ClusterSession,
  { fault, clients }: FailoverDrillOptions,
  { rounds, startedAt, promised }: { rounds: Round[]; startedAt: Date; promised: DrillReport['promised'] },
): DrillReport {
  return {
    cluster: spec.cluster,
    at: startedAt.toISOString(),
    profile: spec.failover.profile,
    fault,
    title: faultTitle(fault),
    hosts: hostsWithRole(spec, 'database').length,
    clients: { writers: clients.writers, readers: clients.readers },
    isSynchronous: spec.replication.synchronous > 0,
    promised,
    rounds,
    summary: summaryOf(rounds),
    broken: rounds.flatMap(({ number, broken }) => broken.map((what) => `round ${number}: ${what}`)),
    durationMs: Date.now() - startedAt.getTime(),
  };
}

function refused(what: string, why: readonly string[]): PgscaleError {
  return new PgscaleError('PGS_DRILL_REFUSED', { what, ...(why.length > 0 && { why: why.join('\n') }) });
}

function noPower(): PgscaleError {
  return new PgscaleError('PGS_DRILL_POWER', { what: 'nobody can switch these hosts off and on; nothing was changed' });
}
