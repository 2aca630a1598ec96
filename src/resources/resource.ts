import type { Host, Reader } from '../host/host.ts';

/** What has to change for one resource, as the plan shows it. */
export interface Change {
  readonly action: 'create' | 'update' | 'start' | 'restart' | 'reload' | 'install' | 'remove';
  /** One line for the plan: `install postgresql-18 18.6-1`. */
  readonly summary: string;
  /** Unified diff of a file, secret values masked; files that are secret as a whole have none. */
  readonly diff?: string;
  /** What users of the cluster will notice, when they will. */
  readonly interruption?: string;
}

/**
 * A systemd unit that has to hear of a change. replace: its main process is killed and systemd starts it again, while what
 * that process had started goes on (a unit with KillMode=process and Restart=always).
 */
export interface Notification {
  readonly unit: string;
  readonly how: 'reload' | 'replace' | 'restart';
}

/** How a change tells what it does, and hears that it should come to an end. */
export interface Progress {
  /** One short line for the person at the terminal, replaced by the next. */
  readonly report: (text: string) => void;
  readonly signal: AbortSignal;
}

/** Nobody watches, and nothing ends it. */
export const UNWATCHED: Progress = { report: () => undefined, signal: new AbortController().signal };

/**
 * One thing that a host should have. `read` never changes anything, `diff` is pure, `apply` brings the actual state to
 * the desired one and may be cut off at any moment: run again, it ends the same. After `apply` the engine reads again and
 * `diff` must be empty.
 */
export interface Resource<Actual = unknown> {
  /** Unique on a host and stable between runs: `file:/etc/pgscale/haproxy/haproxy.cfg`. */
  readonly id: string;
  read(reader: Reader): Promise<Actual>;
  diff(actual: Actual): Change | undefined;
  apply(host: Host, actual: Actual, progress?: Progress): Promise<void>;
  /** The file that this resource writes, for `pgscale render`. */
  readonly rendered?: { readonly path: string; readonly content: string; readonly isSecret: boolean };
  /** What the file says where `diff` finds nothing to change, when that may be something else than `rendered`. */
  kept?(actual: Actual): string | undefined;
  /** Units that have to be told after a change. */
  readonly notifies?: readonly Notification[];
  /** Says why pgscale must not touch what is there (something that it did not write); undefined when it may. */
  foreign?(actual: Actual): string | undefined;
}

/** Hides the type of the actual state, so that resources of different kinds fit in one list. */
export function resource<Actual>(definition: Resource<Actual>): Resource {
  return definition;
}
