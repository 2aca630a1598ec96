import type { Target } from '../components/component.ts';
import type { Reader } from '../host/host.ts';

/** error: `apply` would fail or do harm; warning: it works, but not as well as it should. */
export type Severity = 'error' | 'warning';

/** What a check found on one host, and what to do about it. */
export interface CheckFinding {
  /** Stable, kebab-case, without the host: `port-taken`. */
  readonly id: string;
  readonly severity: Severity;
  readonly host: string;
  readonly what: string;
  readonly remedy: string;
}

/** A finding before it is known on which host it was made. */
export type Verdict = Omit<CheckFinding, 'host'>;

/** Looks at one host and says what is wrong. Changes nothing that stays. */
export interface Check {
  readonly id: string;
  readonly title: string;
  /** Only for `pgscale check`, not before every `apply`: it costs time or writes a file for a moment. */
  readonly isThorough?: boolean;
  run(reader: Reader, target: Target): Promise<Verdict[]>;
}

export function error(id: string, what: string, remedy: string): Verdict {
  return { id, severity: 'error', what, remedy };
}

export function warning(id: string, what: string, remedy: string): Verdict {
  return { id, severity: 'warning', what, remedy };
}
