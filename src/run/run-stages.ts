import { PgscaleError, throwRejected } from '../errors/pgscale-error.ts';
import type { Listener, StepTiming } from './events.ts';
import { executeStep, type StepContext } from './execute-step.ts';
import { refuseLostLock } from './held-lock.ts';
import type { Stage, Step } from './step.ts';
import { withTaskList } from './task-list.ts';

export type ProgressStyle = 'list' | 'lines' | 'events' | 'silent';

export interface RunOptions {
  style: ProgressStyle;
  /** Gets every event; with style 'events' this is the only output. */
  listener?: Listener;
  signal: AbortSignal;
}

const NEVER = new AbortController().signal;

/**
 * Runs stages one after the other, the steps of a stage side by side. When a step fails the others of its stage end what
 * they do, later stages do not begin, and all failures are thrown together.
 *
 * @returns how long each step took, in the order in which they ended.
 */
export async function runStages(stages: readonly Stage[], options: RunOptions): Promise<StepTiming[]> {
  return withTaskList(stages, options, async (listener) => {
    const timings: StepTiming[] = [];
    for (const stage of stages) {
      await refuseStopped(stage.title, options.signal);
      listener({ event: 'stage', title: stage.title });
      timings.push(...(await runStage(stage, listener, options.signal)));
    }
    return timings;
  });
}

async function runStage(stage: Stage, listener: Listener, signal: AbortSignal): Promise<StepTiming[]> {
  if (stage.whole === true) return runSteps(stage, { listener, signal: NEVER, mayBegin: async () => undefined });
  return runSteps(stage, { listener, signal, mayBegin: (step) => refuseStopped(step.title, signal) });
}

/** @throws PgscaleError PGS_INTERRUPTED, PGS_LOCK_LOST: what may go on until a step ends, but not begin another */
async function refuseStopped(title: string, signal: AbortSignal): Promise<void> {
  await refuseLostLock(signal);
  if (signal.aborted) throw interrupted(`interrupted before: ${title}`);
}

async function runSteps(stage: Stage, context: StepContext): Promise<StepTiming[]> {
  const run = (step: Step): Promise<StepTiming> => executeStep(step, context);
  if (stage.serial === true) {
    const timings: StepTiming[] = [];
    for (const step of stage.steps) timings.push(await run(step));
    return timings;
  }
  const outcomes = await Promise.allSettled(stage.steps.map(run));
  if (context.signal.aborted) throw interrupted(`interrupted during: ${stage.title}`, outcomes);
  throwRejected(outcomes);
  return outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
}

/** One message for the run, with what went wrong besides: an interrupted step is no failure of its own. */
function interrupted(what: string, outcomes: readonly PromiseSettledResult<unknown>[] = []): PgscaleError {
  const failures = outcomes.flatMap((outcome) =>
    outcome.status === 'rejected' && !isInterrupt(outcome.reason) ? [String(outcome.reason)] : [],
  );
  return new PgscaleError('PGS_INTERRUPTED', { what, ...(failures.length > 0 && { why: failures.join('\n') }) });
}

function isInterrupt(reason: unknown): boolean {
  return reason instanceof PgscaleError && reason.code === 'PGS_INTERRUPTED';
}
