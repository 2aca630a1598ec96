import prettyMs from 'pretty-ms';

import type { Listener, RunEvent } from './events.ts';
import type { ProgressStyle, RunOptions } from './run-stages.ts';
import type { Stage } from './step.ts';

/** What is worth a line of its own. */
type ToldEvent = Exclude<RunEvent, { event: 'progress' }>;

/** How a command shows its progress: machines get events, a terminal the live list, everything else plain lines. */
export function progressStyle(isJson: boolean): ProgressStyle {
  if (isJson) return 'events';
  return process.stderr.isTTY ? 'list' : 'lines';
}

/** The options of a run whose steps are lines of JSON on stdout under `--json`. */
export function eventRun(isJson: boolean, signal: AbortSignal): RunOptions {
  const listener: Listener = (event) => process.stdout.write(`${JSON.stringify(event)}\n`);
  return { style: progressStyle(isJson), signal, ...(isJson ? { listener } : {}) };
}

/** Tells of something that is no step: before the live list begins, or where there is none. */
export function tell(event: ToldEvent, { style, listener }: RunOptions): void {
  listener?.(event);
  if (style === 'list' || style === 'lines') process.stderr.write(`${plainLine(event)}\n`);
}

/** Shows a run while it goes on: a live list on a terminal, plain lines elsewhere, nothing but events for machines. */
export async function withTaskList<T>(
  stages: readonly Stage[],
  options: RunOptions,
  run: (listener: Listener) => Promise<T>,
): Promise<T> {
  const also = options.listener ?? (() => undefined);
  switch (options.style) {
    case 'list':
      return withLiveList(stages, also, run);
    case 'lines': {
      const lineOf = plainLines(() => performance.now());
      return run((event) => {
        also(event);
        const text = lineOf(event);
        if (text !== undefined) process.stderr.write(`${text}\n`);
      });
    }
    case 'events':
    case 'silent':
      return run(also);
  }
}

const PROGRESS_EVERY_MS = 15_000;

/** The lines for events where there is no terminal. How a step gets on is told now and then, else it were a line a second. */
export function plainLines(now: () => number): (event: RunEvent) => string | undefined {
  const running = new Map<string, { title: string; toldAt: number }>();
  return (event) => {
    if (event.event === 'step') running.set(event.step, { title: event.title, toldAt: now() });
    if (event.event !== 'progress') return plainLine(event);
    const step = running.get(event.step);
    if (step === undefined || now() - step.toldAt < PROGRESS_EVERY_MS) return undefined;
    step.toldAt = now();
    return `   ${step.title}: ${event.text}`;
  };
}

function plainLine(event: ToldEvent): string {
  switch (event.event) {
    case 'warning':
      return ` ! ${event.host}: ${event.what}. ${event.remedy}`;
    case 'stage':
      return `== ${event.title}`;
    case 'step':
      return `   ${event.title} …`;
    case 'skipped':
      return ` - ${event.title}: ${event.reason}`;
    case 'done':
      return ` ✓ ${event.title} (${prettyMs(event.durationMs)})`;
    case 'failed':
      return ` ✗ ${event.title}: ${event.message}`;
  }
}

interface Row {
  promise: Promise<void>;
  settle: (error?: Error) => void;
  show: (text: string) => void;
  skip: (reason: string) => void;
}

async function withLiveList<T>(
  stages: readonly Stage[],
  also: Listener,
  run: (listener: Listener) => Promise<T>,
): Promise<T> {
  const { Listr } = await import('listr2');
  const rows = new Map(stages.flatMap((stage) => stage.steps.map((step) => [step.id, newRow()] as const)));
  const list = new Listr(
    stages.map((stage) => ({
      title: stage.title,
      task: (_: unknown, task: { newListr: (subtasks: object[], options: object) => unknown }) =>
        task.newListr(
          stage.steps.map((step) => rowTask(step.title, rows.get(step.id))),
          { concurrent: true, exitOnError: false },
        ),
    })) as ConstructorParameters<typeof Listr>[0],
    {
      concurrent: false,
      exitOnError: false,
      registerSignalListeners: false,
      rendererOptions: { collapseSubtasks: false },
    },
  );
  const drawing = list.run();
  try {
    return await run((event) => {
      also(event);
      tellRow(rows, event);
    });
  } finally {
    // A stage that never began has rows that nobody settles; the list must end all the same.
    for (const row of rows.values()) row.settle();
    await drawing;
  }
}

function tellRow(rows: ReadonlyMap<string, Row>, event: RunEvent): void {
  if (event.event === 'stage' || event.event === 'warning') return;
  const row = rows.get(event.step);
  if (event.event === 'progress') row?.show(event.text);
  if (event.event === 'skipped') row?.skip(event.reason);
  if (event.event === 'done') row?.settle();
  if (event.event === 'failed') row?.settle(new Error(event.message));
}

function newRow(): Row {
  let settle: Row['settle'] = () => undefined;
  const promise = new Promise<void>((resolve, reject) => {
    settle = (error) => (error === undefined ? resolve() : reject(error));
  });
  promise.catch(() => undefined);
  return { promise, settle, show: () => undefined, skip: () => undefined };
}

interface DrawnTask {
  title: string | undefined;
  output: string;
  skip: (text: string) => void;
}

function rowTask(title: string, row: Row | undefined): object {
  return {
    title,
    task: async (_: unknown, task: DrawnTask) => {
      if (row === undefined) return;
      row.show = (text) => (task.output = text);
      row.skip = (reason) => {
        task.skip(`${title}: ${reason}`);
        row.settle();
      };
      await row.promise;
    },
  };
}
