import { setTimeout as sleep } from 'node:timers/promises';

import { PgscaleError } from '../errors/pgscale-error.ts';

/** A timer that is to last longer than 24.8 days (2^31 - 1 ms) goes off at once. */
const LONGEST_SLEEP_MS = 86_400_000;

/** What is being changed when Ctrl-C comes may still end: a service that starts, a file that is written. */
const GRACE_MS = 10_000;

/**
 * Fails with PGS_WAIT_DEADLINE when the work takes longer; the work hears of it through its signal. When the run is
 * interrupted the work has ten seconds to end in order.
 */
export async function withDeadline<T>(
  what: string,
  deadlineMs: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const timer = new AbortController();
  const timeout = setTimeout(() => timer.abort(), deadlineMs);
  const combined = AbortSignal.any([signal, timer.signal]);
  let grace: NodeJS.Timeout | undefined;
  const stopped = new Promise<never>((_, reject) => {
    combined.addEventListener('abort', () => {
      if (signal.aborted) grace = setTimeout(() => reject(interrupted(what)), GRACE_MS);
      else reject(overdue(what, deadlineMs));
    });
  });
  try {
    return await Promise.race([work(combined), stopped]);
  } finally {
    clearTimeout(timeout);
    clearTimeout(grace);
  }
}

export interface Wait {
  /** `pg2 to stream from pg1`; completes "gave up waiting for …". */
  what: string;
  host?: string;
  deadlineMs: number;
  /** Changes as long as it gets on: the deadline then counts from the last change, and `longestMs` is the end of all. */
  progress?: { of: () => unknown; longestMs: number };
  pollMs?: number;
  signal?: AbortSignal;
  /** Called when the deadline is over: the last lines of the right log. */
  why?: () => Promise<string>;
}

/**
 * Asks again and again until there is an answer. `probe` gives undefined for "not yet" and throws for "it will never
 * be" (a unit that failed, a login that was refused), so that nobody waits for what cannot come.
 *
 * @throws PgscaleError PGS_WAIT_DEADLINE, PGS_INTERRUPTED, and whatever `probe` throws.
 */
export async function waitFor<T>(wait: Wait, probe: () => Promise<T | undefined>): Promise<T> {
  const overdueAfter = deadlineClock(wait);
  for (;;) {
    const answer = await probe();
    if (answer !== undefined) return answer;
    if (wait.signal?.aborted === true) throw interrupted(wait.what);
    const waitedMs = overdueAfter();
    if (waitedMs !== undefined) throw overdue(wait.what, waitedMs, wait.host, await wait.why?.());
    await sleep(wait.pollMs ?? 250);
  }
}

/** Asked at each look: undefined while there is time, then how long was waited. */
function deadlineClock({ deadlineMs, progress }: Wait): () => number | undefined {
  const startedAt = performance.now();
  let latest = { atMs: startedAt, seen: progress?.of() };
  return () => {
    const now = performance.now();
    const seen = progress?.of();
    if (seen !== latest.seen) latest = { atMs: now, seen };
    const endsAt = Math.min(latest.atMs + deadlineMs, startedAt + (progress?.longestMs ?? Infinity));
    if (now < endsAt) return undefined;
    return latest.atMs === startedAt ? deadlineMs : now - startedAt;
  };
}

/** The same where it is no failure that the time is over: undefined then. @throws as `waitFor`, but for that */
export async function waitAtMost<T>(wait: Wait, probe: () => Promise<T | undefined>): Promise<T | undefined> {
  return waitFor(wait, probe).catch((error: unknown) => {
    if (error instanceof PgscaleError && error.code === 'PGS_WAIT_DEADLINE') return undefined;
    throw error;
  });
}

/** Sleeps until the time (milliseconds since 1970) has come, however far away it is. @throws AbortError when the signal comes */
export async function sleepUntil(time: number, signal: AbortSignal): Promise<void> {
  for (let leftMs = time - Date.now(); leftMs > 0; leftMs = time - Date.now()) {
    await sleep(Math.min(leftMs, LONGEST_SLEEP_MS), undefined, { signal });
  }
}

function overdue(what: string, deadlineMs: number, host?: string, why?: string): PgscaleError {
  return new PgscaleError('PGS_WAIT_DEADLINE', {
    what: `gave up waiting for ${what} after ${Math.round(deadlineMs / 1000)} s`,
    ...(host === undefined ? {} : { host }),
    ...(why === undefined ? {} : { why }),
  });
}

function interrupted(what: string): PgscaleError {
  return new PgscaleError('PGS_INTERRUPTED', { what: `interrupted: ${what}` });
}
