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

export interface Killing {
  /** Steps that are alike: one of them is killed. Default: those with the same word before the colon. */
  readonly kindOf?: (step: string) => string;
  /** How long after the beginning of a step, by turns. */
  readonly momentsMs?: readonly number[];
  /** Kinds at which an earlier chain has killed runs. */
  readonly already?: readonly string[];
  /** What has to be true after each kill. */
  readonly after?: (kind: string) => Promise<void>;
}

/** `seed:pg4` is a step of the kind seed. */
const beforeColon = (step: string): string => step.split(':')[0] ?? step;

/**
 * Runs a command again and again, each time killed (SIGKILL) at a kind of step at which none was killed yet, until one run
 * gets through. The steps are taken from the events of the runs themselves.
 */
export async function killedAtEachStep(
  start: () => WatchedRun | Promise<WatchedRun>,
  { kindOf = beforeColon, momentsMs = MOMENTS_MS, already = [], after }: Killing = {},
): Promise<Chain> {
  const killed: string[] = [];
  for (;;) {
    const run = await start();
    const found = await run.seen(
      ({ event, step }) => event === 'step' && step !== undefined && ![...already, ...killed].includes(kindOf(step)),
    );
    if (found?.step === undefined) return { killed, last: await run.ended };
    await sleep(momentsMs[killed.length % momentsMs.length]);
    const kind = kindOf(found.step);
    killed.push(kind);
    run.signal('SIGKILL');
    await run.ended;
    await after?.(kind);
  }
}
