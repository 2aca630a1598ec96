import { PgscaleError } from '../../errors/pgscale-error.ts';
import { runStages, type RunOptions } from '../../run/run-stages.ts';
import { connectedDatabaseHosts, openCluster, type ClusterSession, type SessionOptions } from '../cluster-session.ts';
import { takeClusterLock } from '../apply/index.ts';
import { audited } from '../audited.ts';
import { lookBeforeSwitchover } from './look.ts';
import { bestCandidate, lacksOnlyVote, preflight, type PreflightFacts, type PreflightItem } from './preflight.ts';
import { StallMeter } from './stall-meter.ts';
import { SwitchoverRun, type Timeline } from './run.ts';
import { whereItStands } from './stand.ts';
import { votesSteps } from './votes.ts';

export interface SwitchoverOptions extends SessionOptions {
  run: RunOptions;
  lockWaitMs: number;
  /** The new primary; default: the best candidate. */
  to?: string | undefined;
  pauseTimeoutMs: number;
  /** Asked before anything is changed; false ends the run. */
  confirm: (what: Preflight) => Promise<boolean>;
}

/** What is about to happen, and what speaks against it. */
export interface Preflight {
  readonly from: string;
  readonly to: string;
  readonly items: readonly PreflightItem[];
}

/** What happened. Times in milliseconds. */
export interface Switchover extends Preflight {
  /** From PAUSE to RESUME: how long new transactions of the pool endpoint waited. */
  readonly heldMs: number;
  /** The longest time without an acknowledged write, seen by a writer through the pool endpoint; null: it got no connection. */
  readonly writeStallMs: number | null;
  /** What the writer was told instead of an acknowledgement. */
  readonly writerErrors: readonly string[];
  readonly timeline: Timeline;
  readonly durationMs: number;
}

/**
 * Moves the primary while the clients of the pool endpoint wait. Whatever happens, the poolers are resumed.
 * @throws PgscaleError PGS_SWITCHOVER_REFUSED before anything is changed, PGS_SWITCHOVER_FAILED and PGS_POOLER later
 */
export async function switchover(options: SwitchoverOptions): Promise<Switchover> {
  await using session = await openCluster({ ...options, tolerate: true });
  await using _lock = await takeClusterLock(session, 'switchover', { forMs: options.lockWaitMs });
  return await switchoverIn(session, options);
}

/** The same within a run that has a session and the lock already. */
export async function switchoverIn(
  session: ClusterSession,
  options: Omit<SwitchoverOptions, keyof SessionOptions | 'lockWaitMs'>,
): Promise<Switchover> {
  const startedAt = performance.now();
  const facts = await look(session, options);
  const to = options.to ?? bestCandidate(facts);
  if (to === undefined) throw noCandidate(facts.primary);
  const plan: Preflight = { from: facts.primary, to, items: preflight(facts, to) };
  refuse(plan);
  if (!(await options.confirm(plan)))
    throw new PgscaleError('PGS_NOT_CONFIRMED', { what: 'the switchover was not confirmed' });
  const entry = { command: 'switchover', changes: [`move the primary from ${plan.from} to ${to}`] };
  return audited(session, entry, async () => {
    await using meter = await StallMeter.start(session);
    const { pauseTimeoutMs } = options;
    const run = new SwitchoverRun({ session, from: plan.from, to, pauseTimeoutMs }, connectedDatabaseHosts(session));
    try {
      const { prepare, move, settle } = run.stages();
      await runStages([prepare, move, settle], options.run);
    } catch (error) {
      throw await whereItStands(session, { from: plan.from, silent: await run.release() }, error);
    } finally {
      await run.release();
    }
    const durationMs = Math.round(performance.now() - startedAt);
    const timeline = run.timeline();
    return { ...plan, heldMs: timeline.heldMs, ...meter.result(), timeline, durationMs };
  });
}

/** What the pre-flight judges; when nothing but a vote is missing, as shortly after a role change, it is waited for. */
async function look(
  session: ClusterSession,
  { to, pauseTimeoutMs, run }: Pick<SwitchoverOptions, 'to' | 'pauseTimeoutMs' | 'run'>,
): Promise<PreflightFacts> {
  const facts = await lookBeforeSwitchover(session, pauseTimeoutMs);
  if (!lacksOnlyVote(facts, to)) return facts;
  await runStages([{ title: 'Votes', steps: votesSteps(session, facts.primary) }], run);
  return lookBeforeSwitchover(session, pauseTimeoutMs);
}

function refuse({ from, to, items }: Preflight): void {
  const failed = items.filter(({ verdict }) => verdict === 'fail');
  if (failed.length === 0) return;
  throw new PgscaleError('PGS_SWITCHOVER_REFUSED', {
    what: `the primary cannot move from ${from} to ${to} now; nothing was changed`,
    why: failed.map(({ item, text }) => `${item}: ${text}`).join('\n'),
    details: { from, to, items },
  });
}

function noCandidate(primary: string): PgscaleError {
  return new PgscaleError('PGS_SWITCHOVER_REFUSED', {
    what: `no standby can take over from ${primary}; nothing was changed`,
    next: ['`pgscale status` shows the standbys', '`pgscale switchover --to HOST` says what is wrong with one of them'],
  });
}
