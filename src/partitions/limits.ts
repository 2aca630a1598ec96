import type { Statement } from './statements.ts';

/** An index of a table of hundreds of gigabytes. */
const LONG_MS = 24 * 3600 * 1000;

/** How long statements may take. */
export interface Limits {
  /** A statement behind which others would have to wait gives up after this, and is tried again. */
  readonly lockTimeoutMs: number;
  /** For those that wait without being in anybody's way. */
  readonly waitTimeoutMs: number;
}

/** What the session is told before a transaction. Pure. */
export function limitsOf({ waits, isLong = false }: Statement, { lockTimeoutMs, waitTimeoutMs }: Limits): string {
  const limit = waits ? 0 : lockTimeoutMs;
  const timeoutMs = isLong ? Math.max(LONG_MS, waitTimeoutMs) : waitTimeoutMs;
  return `SET lock_timeout = ${limit}; SET statement_timeout = ${timeoutMs}`;
}
