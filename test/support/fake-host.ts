import type { Command } from '../../src/host/command.ts';
import { commandFailed } from '../../src/host/host-errors.ts';
import type {
  CommandResult,
  FileAttributes,
  Forward,
  Host,
  RemoteFile,
  RunOptions,
  Session,
} from '../../src/host/host.ts';

/** What a command answers; what is left out is success without output. */
export type Answer = Partial<CommandResult>;
type Answerer = (script: string, options: RunOptions) => Answer;

/**
 * A host of paper. It knows the commands that a test has taught it and **fails on any other**, so that a test notices
 * when the code begins to do something else. Files live in memory.
 *
 * @example new FakeHost('pg1').answer(/^systemctl is-active/u, { stdout: 'active' })
 */
export class FakeHost implements Host {
  readonly address = '192.0.2.1';
  readonly name: string;
  roundTrips = 0;
  isClosed = false;
  readonly files = new Map<string, RemoteFile>();
  /** What was read, run and written, in order. */
  readonly reads: string[] = [];
  readonly runs: { script: string; options: RunOptions }[] = [];
  readonly writes: { path: string; content: string; attributes: FileAttributes }[] = [];
  readonly sessions: { script: string; written: string[]; end: () => void }[] = [];
  readonly #answers: { pattern: string | RegExp; answer: Answer | Answerer }[] = [];

  constructor(name = 'pg1') {
    this.name = name;
  }

  /** Teaches a command: by its whole script, or by a pattern. What was taught last counts. */
  answer(pattern: string | RegExp, answer: Answer | Answerer = {}): this {
    this.#answers.unshift({ pattern, answer });
    return this;
  }

  file(path: string, content: string, attributes: Partial<FileAttributes> = {}): this {
    this.files.set(path, { owner: 'root', group: 'root', mode: '0644', ...attributes, content });
    return this;
  }

  async read(command: Command): Promise<CommandResult> {
    this.reads.push(command.script);
    return this.#result(command, {});
  }

  async readFile(path: string): Promise<RemoteFile | undefined> {
    return this.files.get(path);
  }

  async run(command: Command, options: RunOptions = {}): Promise<CommandResult> {
    this.runs.push({ script: command.script, options });
    this.roundTrips += 1;
    const result = this.#result(command, options);
    options.onStdout?.(result.stdout);
    const ok = options.okStatuses ?? [0];
    if (ok === 'any' || ok.includes(result.exitCode)) return result;
    throw commandFailed(this.name, command, result, options);
  }

  async writeFile(path: string, content: string, attributes: FileAttributes): Promise<void> {
    this.writes.push({ path, content, attributes });
    const { owner, group, mode } = attributes;
    this.files.set(path, { owner, group, mode, content });
  }

  /** The taught answer is the session's first output; it ends when it is disposed of, or a test ends it. */
  async session(command: Command, onStdout: (text: string) => void): Promise<Session> {
    const result = this.#result(command, {});
    const written: string[] = [];
    let end: () => void = () => undefined;
    const ended = new Promise<CommandResult>((resolve) => (end = () => resolve(result)));
    this.sessions.push({ script: command.script, written, end });
    onStdout(result.stdout);
    return {
      write: (text) => void written.push(text),
      ended,
      [Symbol.asyncDispose]: async () => end(),
    };
  }

  async forward(address: string, port: number): Promise<Forward> {
    throw new Error(`FakeHost ${this.name} forwards nothing, so not ${address}:${port} either`);
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }

  #result({ script }: Command, options: RunOptions): CommandResult {
    const known = this.#answers.find(({ pattern }) =>
      typeof pattern === 'string' ? pattern === script : pattern.test(script),
    );
    if (known === undefined) throw new Error(`FakeHost ${this.name} was not taught: ${script}`);
    const answer = typeof known.answer === 'function' ? known.answer(script, options) : known.answer;
    return { exitCode: 0, stdout: '', stderr: '', ...answer };
  }
}
