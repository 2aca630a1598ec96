import { hostname, userInfo } from 'node:os';

import { PgscaleError } from '../../errors/pgscale-error.ts';
import type { StepTiming } from '../../run/events.ts';
import { majority, takeLock, type LockWait } from '../../run/lock.ts';
import { runStages, type RunOptions } from '../../run/run-stages.ts';
import type { Stage } from '../../run/step.ts';
import { hostsWithRole } from '../../spec/topology.ts';
import { openCluster, type ClusterSession, type SessionOptions } from '../cluster-session.ts';
import { audited } from '../audited.ts';
import { planFrom, type Plan } from '../plan.ts';
import { surveyCluster, type Survey } from '../survey.ts';
import { preflight } from './preflight.ts';
import { recordApplied } from './record.ts';
import { refuseSource } from './seed-source.ts';
import { settledStage } from './settled.ts';
import type { SeedOptions } from './standby.ts';
import { applyStages, type StageOptions } from './stages.ts';

export interface ApplyOptions extends SessionOptions, SeedOptions {
  run: RunOptions;
  /** How long to wait for another run to end. */
  lockWaitMs: number;
  /** Told who has the lock that the run waits for. */
  onBusy?: (heldBy: string) => void;
  /** Apply only when the plan is this one. @see Plan.digest */
  expectedDigest?: string;
  /** Asked with the plan before anything is changed; false ends the run. */
  confirm: (plan: Plan) => Promise<boolean>;
}

export interface Applied {
  readonly plan: Plan;
  readonly timings: readonly StepTiming[];
  readonly durationMs: number;
}

/**
 * Makes a cluster what its spec says: looks, plans, asks, changes only what differs, and waits until it works. May be cut
 * off anywhere and run again.
 *
 * @throws PgscaleError PGS_LOCKED, PGS_PLAN_STALE, PGS_FOREIGN, PGS_SEED_SOURCE, PGS_NOT_CONFIRMED, or what a step throws.
 */
export async function apply(options: ApplyOptions): Promise<Applied> {
  await using session = await openCluster(options);
  await using _lock = await takeClusterLock(session, 'apply', lockWait(options));
  return await applyIn(session, { ...options, command: 'apply' });
}

export interface ApplyInOptions extends Pick<ApplyOptions, 'run' | 'expectedDigest' | 'confirm'>, StageOptions {
  /** As the audit calls the run. */
  command: string;
  /** Stages of the same run before and after those of `apply`. */
  before?: readonly Stage[];
  after?: readonly Stage[];
}

/** The same within a run that has a session and the lock already, and may do more than `apply`. */
export async function applyIn(session: ClusterSession, options: ApplyInOptions): Promise<Applied> {
  const startedAt = performance.now();
  const { before = [], after = [] } = options;
  const survey = await surveyCluster(session);
  const plan = planFrom(survey, options);
  refuse(plan, options.expectedDigest);
  refuseSource(survey, options.source);
  const elapsedMs = (): number => Math.round(performance.now() - startedAt);
  if (plan.changeCount + before.length + after.length === 0) {
    const left = waitLeft(survey);
    const timings = left.length === 0 ? [] : await runStages(left, options.run);
    await recordApplied(survey);
    return { plan, timings, durationMs: elapsedMs() };
  }
  await preflight(survey, options.run);
  if (!(await options.confirm(plan)))
    throw new PgscaleError('PGS_NOT_CONFIRMED', { what: 'the plan was not confirmed' });
  const timings = await runAudited(survey, plan, options);
  await recordApplied(survey);
  return { plan, timings, durationMs: elapsedMs() };
}

/**
 * One run at a time: the lock is held on every dcs host that answers, which must be a majority of them: two runs that
 * reach different hosts meet on one of these.
 * @throws PgscaleError PGS_LOCKED, PGS_QUORUM
 */
export async function takeClusterLock(
  session: ClusterSession,
  command: string,
  wait: LockWait,
): Promise<AsyncDisposable> {
  const voters = hostsWithRole(session.spec, 'dcs');
  const hosts = voters.flatMap(({ name }) => session.fleet.hosts.get(name) ?? []);
  if (hosts.length < majority(voters.length)) {
    throw new PgscaleError('PGS_QUORUM', {
      what: `${hosts.length} of ${voters.length} dcs hosts answer; the lock of the cluster needs ${majority(voters.length)}`,
      why: session.fleet.failures.map(({ message }) => message).join('\n'),
    });
  }
  const holder = {
    user: userInfo().username,
    machine: hostname(),
    pid: process.pid,
    command: `pgscale ${command}`,
    since: new Date().toISOString(),
  };
  return takeLock({ cluster: session.spec.cluster, hosts, voters: voters.length }, holder, wait);
}

function lockWait({ lockWaitMs, run, onBusy }: ApplyOptions): LockWait {
  return { forMs: lockWaitMs, signal: run.signal, ...(onBusy === undefined ? {} : { onBusy }) };
}

function refuse(plan: Plan, expectedDigest: string | undefined): void {
  if (expectedDigest !== undefined && plan.digest !== expectedDigest) {
    throw new PgscaleError('PGS_PLAN_STALE', { what: 'the plan file does not fit what is there now' });
  }
  const foreign = plan.hosts.flatMap(({ host, foreign: reasons }) => reasons.map((reason) => `${host}: ${reason}`));
  if (foreign.length > 0) {
    throw new PgscaleError('PGS_FOREIGN', {
      what: 'found something that pgscale did not write',
      why: foreign.join('\n'),
    });
  }
}

async function runAudited(survey: Survey, plan: Plan, options: ApplyInOptions): Promise<StepTiming[]> {
  const changes = (host: string): string[] =>
    (plan.hosts.find((each) => each.host === host)?.changes ?? []).map(({ summary }) => summary);
  const { command, before = [], after = [] } = options;
  const own = applyStages(survey, options);
  const stages = [...before, ...(own.length === 0 ? waitLeft(survey) : own), ...after];
  return audited(survey.session, { command, planDigest: plan.digest, changes }, () => runStages(stages, options.run));
}

/** Where nothing differs: an earlier run may have been cut off while it waited. */
function waitLeft(survey: Survey): Stage[] {
  return survey.unsettled === undefined ? [] : [settledStage(survey)];
}
