/** What a run tells while it goes on. With `--json` each event is one line of JSON on stdout. */
export type RunEvent =
  /** Found before the first stage, and no reason not to begin. */
  | { event: 'warning'; id: string; host: string; what: string; remedy: string }
  | { event: 'stage'; title: string }
  | { event: 'step'; step: string; host?: string; title: string }
  | { event: 'progress'; step: string; host?: string; text: string }
  | { event: 'skipped'; step: string; host?: string; title: string; reason: string }
  | { event: 'done'; step: string; host?: string; title: string; durationMs: number }
  | { event: 'failed'; step: string; host?: string; title: string; code: string; message: string; durationMs: number };

export type Listener = (event: RunEvent) => void;

/** How long one step took; benchmarks add them up. */
export interface StepTiming {
  readonly step: string;
  readonly durationMs: number;
  readonly outcome: 'done' | 'skipped' | 'failed';
}
