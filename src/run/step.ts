/** Tells the person at the terminal how a step is getting on: one short line, replaced by the next. */
export type Report = (text: string) => void;

/** One thing that a run does, on one host or for the whole cluster. A step may be cut off at any moment and run again. */
export interface Step {
  /** Stable between runs, `seed:pg2`: events, the audit and tests name steps by it. */
  readonly id: string;
  readonly title: string;
  readonly host?: string;
  /** What users of the cluster will notice of it; the plan says so beforehand. */
  readonly interruption?: string;
  /** Gives the reason when there is nothing to do, else false. Looks at the hosts, never at a journal. */
  done?(): Promise<string | false>;
  run(report: Report, signal: AbortSignal): Promise<void>;
  /** Proves that the step did what it should; throws when not. */
  verify?(): Promise<void>;
  /** Takes back what a failed or interrupted `run` left half-done. */
  undo?(): Promise<void>;
  /** The step fails after this time. */
  readonly deadlineMs: number;
}

/** Steps that belong together. They run at the same time, one per host, unless `serial`. */
export interface Stage {
  readonly title: string;
  readonly steps: readonly Step[];
  readonly serial?: boolean;
  /** Once begun it is worse to stop it than to end it: neither Ctrl-C nor a lost lock ends it between its steps. */
  readonly whole?: boolean;
}
