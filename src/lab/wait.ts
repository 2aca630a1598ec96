import { setTimeout as sleep } from 'node:timers/promises';

const PAUSE_MS = 100;

/**
 * Asks again and again until the answer is something.
 *
 * @returns the answer, or undefined when the deadline has passed without one.
 */
export async function until<T>(deadlineMs: number, ask: () => Promise<T | undefined>): Promise<T | undefined> {
  const end = Date.now() + deadlineMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined || Date.now() >= end) return answer;
    await sleep(PAUSE_MS);
  }
}

/** Like `until`, for a question that is answered by yes or no. */
export const untilTrue = async (deadlineMs: number, ask: () => Promise<boolean>): Promise<boolean> =>
  (await until(deadlineMs, async () => ((await ask()) ? true : undefined))) ?? false;
