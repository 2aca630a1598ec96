import { setTimeout as sleep } from 'node:timers/promises';

import type { CommandOutcome } from './lab-cluster.ts';
import type { WatchedRun } from './watched-run.ts';

/** By turns a step has done something, or has hardly begun. */
const MOMENTS_MS = [300, 0];

/** What a chain of killed runs came to. */
export interface Chain {
  /** Kinds of steps at which a run was killed, in this order. */
  readonly killed: readonly string[];
  /** The run that got through. */
  readonly last: CommandOutcome;
}

/** `seed:pg4` is a step of the kind seed. */
function kindOf(step: string): string {
  return step.split(':')[0] ?? step;
}

/**
 * Runs a command again and again, each time killed (SIGKILL) at a kind of step at which none was killed yet, until one run
 * gets through. The steps are taken from the events of the runs themselves.
 */
export async function killedAtEachStep(start: () => WatchedRun): Promise<Chain> {
  const killed: string[] = [];
  for (;;) {
    const run = start();
    const found = await run.seen(
      ({ event, step }) => event === 'step' && step !== undefined && !killed.includes(kindOf(step)),
    );
    if (found?.step === undefined) return { killed, last: await run.ended };
    await sleep(MOMENTS_MS[killed.length % MOMENTS_MS.length]);
    killed.push(kindOf(found.step));
    run.signal('SIGKILL');
    await run.ended;
  }
}
