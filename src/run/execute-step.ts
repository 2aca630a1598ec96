import { messageOf } from '../errors/message.ts';
import { PgscaleError } from '../errors/pgscale-error.ts';
import { withDeadline } from './deadline.ts';
import type { Listener, StepTiming } from './events.ts';
import { noteDone } from './held-lock.ts';
import type { Step } from './step.ts';

/** What a step is run with. */
export interface StepContext {
  readonly listener: Listener;
  readonly signal: AbortSignal;
  /** Asked before the step does anything; throws when it must not begin any more. */
  readonly mayBegin: (step: Step) => Promise<void>;
}

/** One step: checked, done, verified; a failure is undone where the step can, and told to the listener. */
export async function executeStep(step: Step, { listener, signal, mayBegin }: StepContext): Promise<StepTiming> {
  const { id, title } = step;
  const place = step.host === undefined ? { step: id } : { step: id, host: step.host };
  const startedAt = performance.now();
  const timing = (outcome: StepTiming['outcome']): StepTiming => ({
    step: id,
    durationMs: Math.round(performance.now() - startedAt),
    outcome,
  });
  let isBegun = false;
  try {
    await mayBegin(step);
    const reason = (await step.done?.()) ?? false;
    if (reason !== false) {
      listener({ event: 'skipped', ...place, title, reason });
      return timing('skipped');
    }
    await mayBegin(step);
    isBegun = true;
    listener({ event: 'step', ...place, title });
    await withDeadline(title, step.deadlineMs, signal, (inner) =>
      step.run((text) => listener({ event: 'progress', ...place, text }), inner),
    );
    await step.verify?.();
  } catch (error) {
    const { durationMs } = timing('failed');
    const code = error instanceof PgscaleError ? error.code : 'unexpected';
    listener({ event: 'failed', ...place, title, code, message: messageOf(error), durationMs });
    if (isBegun) await step.undo?.();
    throw error;
  }
  const result = timing('done');
  noteDone(title);
  listener({ event: 'done', ...place, title, durationMs: result.durationMs });
  return result;
}
