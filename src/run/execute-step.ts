import { PgscaleError } from '../errors/pgscale-error.ts';
import { withDeadline } from './deadline.ts';
import type { Listener, StepTiming } from './events.ts';
import type { Step } from './step.ts';
import { messageOf } from '../errors/message.ts';

/** One step: checked, done, verified; a failure is undone where the step can, and told to the listener. */
export async function executeStep(step: Step, listener: Listener, signal: AbortSignal): Promise<StepTiming> {
  const { id, title } = step;
  const place = step.host === undefined ? { step: id } : { step: id, host: step.host };
  const startedAt = performance.now();
  const timing = (outcome: StepTiming['outcome']): StepTiming => ({
    step: id,
    durationMs: Math.round(performance.now() - startedAt),
    outcome,
  });
  try {
    const reason = (await step.done?.()) ?? false;
    if (reason !== false) {
      listener({ event: 'skipped', ...place, title, reason });
      return timing('skipped');
    }
    listener({ event: 'step', ...place, title });
    await withDeadline(title, step.deadlineMs, signal, (inner) =>
      step.run((text) => listener({ event: 'progress', ...place, text }), inner),
    );
    await step.verify?.();
  } catch (error) {
    const { durationMs } = timing('failed');
    const code = error instanceof PgscaleError ? error.code : 'unexpected';
    listener({ event: 'failed', ...place, title, code, message: messageOf(error), durationMs });
    await step.undo?.();
    throw error;
  }
  const result = timing('done');
  listener({ event: 'done', ...place, title, durationMs: result.durationMs });
  return result;
}
