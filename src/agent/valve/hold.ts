import type { ValveTimings } from './settings.ts';

/** What the valve knows of the command line at the other end, and for how long it has held the poolers. Times in ms. */
export interface Hold {
  /** When the poolers were paused; undefined while they are not. */
  readonly heldAtMs: number | undefined;
  readonly heardAtMs: number;
  /** When our standard input was closed: the command line was killed, or has ended. */
  readonly closedAtMs: number | undefined;
  /** Whether the primary has moved already. */
  readonly isMoved: boolean;
}

/**
 * Why the valve has to end now (it resumes what it holds), or undefined. Closed is not silent: what a command line that was
 * killed has begun goes on by itself, and gets the time to end. Pure.
 */
export function reasonToEnd(hold: Hold, nowMs: number, timings: ValveTimings): string | undefined {
  const { heldAtMs, heardAtMs, closedAtMs, isMoved } = hold;
  if (heldAtMs !== undefined && nowMs - heldAtMs >= timings.holdMs) return 'the poolers were held for too long';
  if (nowMs - heardAtMs >= timings.silenceMs) return 'nothing was heard from the command line';
  if (closedAtMs === undefined) return undefined;
  const isDone = heldAtMs === undefined || isMoved || nowMs - closedAtMs >= timings.graceMs;
  return isDone ? 'the command line has ended' : undefined;
}

/**
 * How long a valve that ends may still wait for a primary that takes writes: until `silenceMs` after the command line was killed,
 * but for no longer than poolers are held at all. 0 where nothing is held, or the command line is still there. Pure.
 */
export function patienceMs({ heldAtMs, closedAtMs }: Hold, nowMs: number, timings: ValveTimings): number {
  if (heldAtMs === undefined || closedAtMs === undefined) return 0;
  return Math.max(0, Math.min(closedAtMs + timings.silenceMs, heldAtMs + timings.holdMs) - nowMs);
}
