import { CLIError } from '@oclif/core/errors';

import { CATALOGUE, type ErrorCode } from './catalogue/index.ts';
import { EXIT_STATUS } from './exit-status.ts';

/** What an error has to tell: only `what` is required, but the more of them the better. */
export interface ErrorFacts {
  /** What failed, in one line, naming the thing. */
  what: string;
  /** The host on which it failed. */
  host?: string;
  /** Why: the last lines of the right log, the other side's answer. */
  why?: string;
  /** What to type next; the catalogue's advice when left out. */
  next?: string[];
  cause?: unknown;
  /** Machine-readable details for `--json`. Never a secret. */
  details?: Record<string, unknown>;
}

/**
 * An error that pgscale gives on purpose. Both `oclif.exit` and `exitCode` are set, because oclif reads only the second
 * one under `--json`.
 */
export class PgscaleError extends CLIError {
  override readonly code: ErrorCode;
  readonly exitCode: number;
  readonly host: string | undefined;
  readonly why: string | undefined;
  readonly next: string[];
  readonly details: Record<string, unknown>;

  constructor(code: ErrorCode, facts: ErrorFacts) {
    const { exit, fix } = CATALOGUE[code];
    const { status } = EXIT_STATUS[exit];
    super(facts.what, { code, exit: status });
    this.name = 'PgscaleError';
    this.code = code;
    this.exitCode = status;
    this.host = facts.host;
    this.why = facts.why;
    this.next = facts.next ?? [fix];
    this.details = facts.details ?? {};
    // oclif looks into every cause, and falls over one that is no object: the exit status is 1 then.
    if (facts.cause !== undefined) this.cause = typeof facts.cause === 'string' ? new Error(facts.cause) : facts.cause;
  }
}

/** Several hosts failed: all are reported, and the exit status is that of the first. */
export class PgscaleErrors extends CLIError {
  readonly exitCode: number;
  readonly errors: PgscaleError[];
  readonly first: PgscaleError;

  constructor(errors: [PgscaleError, ...PgscaleError[]]) {
    super(errors.map((error) => error.message).join('\n'), { code: errors[0].code, exit: errors[0].exitCode });
    this.name = 'PgscaleErrors';
    this.exitCode = errors[0].exitCode;
    this.errors = errors;
    this.first = errors[0];
  }
}

/** Throws the one error as it is, several as one `PgscaleErrors`; returns when there is none. */
export function throwAll(errors: PgscaleError[]): void {
  const [first, ...rest] = errors;
  if (first === undefined) return;
  throw rest.length === 0 ? first : new PgscaleErrors([first, ...rest]);
}

/** Throws what went wrong in work that was done side by side: a defect as it is, else all that pgscale foresaw. */
export function throwRejected(outcomes: readonly PromiseSettledResult<unknown>[]): void {
  const reasons = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []));
  const unexpected = reasons.find((reason) => !(reason instanceof PgscaleError));
  if (unexpected !== undefined) throw unexpected as Error;
  // What stops all of them (a lost lock) is one error.
  throwAll([...new Set(reasons.filter((reason) => reason instanceof PgscaleError))]);
}
