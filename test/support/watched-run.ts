import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

import { z } from 'zod';

import { parseJson } from '../../src/host/parse-json.ts';
import type { CommandOutcome } from './lab-cluster.ts';

const eventSchema = z.object({ event: z.string(), step: z.string().optional(), text: z.string().optional() }).loose();
export type SeenEvent = z.output<typeof eventSchema>;

/** How the plain lines of a run tell that a step begins, see src/run/task-list.ts. */
const STEP_LINE = /^ {3}(\S.*) …$/u;

/**
 * A run of pgscale whose steps are read as they come, so that a test can do something in the middle of it: NDJSON events
 * on stdout, or of commands that print one document the plain lines on stderr, where a step is known by its title.
 */
export class WatchedRun {
  readonly events: SeenEvent[] = [];
  /** Status -1 when a signal ended it. */
  readonly ended: Promise<CommandOutcome>;
  readonly #process: ChildProcess;
  readonly #watchers = new Set<() => void>();
  #isOver = false;

  constructor(args: readonly string[], directory: string) {
    let stdout = '';
    let stderr = '';
    this.#process = spawn(process.execPath, args, { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] });
    const { stdout: output, stderr: errors } = this.#process;
    if (output === null || errors === null) throw new Error('the process has no pipes');
    createInterface({ input: errors }).on('line', (line) => {
      stderr += `${line}\n`;
      const title = STEP_LINE.exec(line)?.[1];
      if (title !== undefined) this.#note({ event: 'step', step: title });
    });
    createInterface({ input: output }).on('line', (line) => {
      stdout += `${line}\n`;
      this.#hear(line);
    });
    this.ended = new Promise((resolve) => {
      this.#process.once('close', (code) => {
        this.#isOver = true;
        this.#tell();
        resolve({ status: code ?? -1, stdout, stderr });
      });
    });
  }

  get pid(): number {
    return this.#process.pid ?? -1;
  }

  signal(name: NodeJS.Signals): void {
    this.#process.kill(name);
  }

  /** The first event that is wanted, also one that is past; undefined when the run ends without it. */
  async seen(isWanted: (event: SeenEvent) => boolean): Promise<SeenEvent | undefined> {
    for (;;) {
      const found = this.events.find(isWanted);
      if (found !== undefined || this.#isOver) return found;
      await new Promise<void>((resolve) => this.#watchers.add(resolve));
    }
  }

  #hear(line: string): void {
    // A command that is no run of events prints one document, over several lines.
    const event = parseJson(eventSchema, line);
    if (event !== undefined) this.#note(event);
  }

  #note(event: SeenEvent): void {
    this.events.push(event);
    this.#tell();
  }

  #tell(): void {
    for (const wake of this.#watchers) wake();
    this.#watchers.clear();
  }
}
