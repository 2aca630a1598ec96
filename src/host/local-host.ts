import { createConnection } from 'node:net';
import { hostname } from 'node:os';
import { StringDecoder } from 'node:string_decoder';

import { execa } from 'execa';

import { PgscaleError } from '../errors/pgscale-error.ts';
import type { Command } from './command.ts';
import { commandFailed, deadlinePassed } from './host-errors.ts';
import type { CommandResult, FileAttributes, Forward, Host, RemoteFile, RunOptions, Session } from './host.ts';
import { openForward } from './port-forward.ts';
import { ReadBatch } from './read-batch.ts';
import { limitedShell, scriptBytes } from './remote-shell.ts';
import { decodeText } from './text.ts';
import { writeScript } from './write-script.ts';

const DEFAULT_DEADLINE_MS = 30_000;
const FORCE_AFTER_MS = 5000;

/** The machine on which this code runs, as whoever runs it: for the agent. No round trip crosses a network. */
export class LocalHost implements Host {
  readonly address = '127.0.0.1';
  readonly roundTrips = 0;
  readonly name: string;
  readonly #reads: ReadBatch;

  constructor(name = hostname()) {
    this.name = name;
    this.#reads = new ReadBatch(name, async (command, options) => {
      const { exitCode, stdout, stderr } = await this.#execute(command, options);
      return { exitCode, stdout, stderr: decodeText(stderr) };
    });
  }

  read(command: Command): Promise<CommandResult> {
    return this.#reads.read(command);
  }

  readFile(path: string): Promise<RemoteFile | undefined> {
    return this.#reads.readFile(path);
  }

  async run(command: Command, options: RunOptions = {}): Promise<CommandResult> {
    const { okStatuses = [0] } = options;
    const answer = await this.#execute(command, options);
    const result = resultOf(answer);
    if (okStatuses === 'any' || okStatuses.includes(result.exitCode)) return result;
    throw commandFailed(this.name, command, result, options);
  }

  async writeFile(path: string, content: string, attributes: FileAttributes): Promise<void> {
    await this.run(writeScript(path, Buffer.byteLength(content), attributes), { stdin: content });
  }

  async session(command: Command, onStdout: (text: string) => void): Promise<Session> {
    const started = start(command, undefined, 0);
    const decoder = new StringDecoder('utf8');
    started.stdout.on('data', (piece: Buffer) => onStdout(decoder.write(piece)));
    const ended = finish(started).then(resultOf);
    return {
      write: (text) => started.stdin.write(text),
      ended,
      [Symbol.asyncDispose]: async () => {
        started.stdin.end();
        const force = setTimeout(() => started.kill(), FORCE_AFTER_MS);
        await ended;
        clearTimeout(force);
      },
    };
  }

  async forward(address: string, port: number): Promise<Forward> {
    return openForward(async () => createConnection({ host: address, port }));
  }

  async close(): Promise<void> {
    // There is no connection.
  }

  async #execute(command: Command, options: RunOptions): Promise<Finished> {
    const { deadlineMs = DEFAULT_DEADLINE_MS, signal, stdin = '' } = options;
    const started = start(command, options.as, deadlineMs, signal);
    const decoder = new StringDecoder('utf8');
    started.stdout.on('data', (piece: Buffer) => options.onStdout?.(decoder.write(piece)));
    started.stdin.end(stdin);
    const answer = await finish(started);
    if (answer.isOverdue) throw deadlinePassed(this.name, command, deadlineMs, options);
    if (signal?.aborted === true) throw interrupted(this.name);
    return answer;
  }
}

type Started = ReturnType<typeof start>;

/** @param deadlineMs 0: none. */
function start(command: Command, as: string | undefined, deadlineMs: number, signal?: AbortSignal) {
  const script = scriptBytes(command);
  const shell = limitedShell(script, { as, limitSeconds: Math.ceil(deadlineMs / 1000) });
  const started = execa('/bin/sh', ['-c', `exec ${shell.script}`], {
    encoding: 'buffer',
    stripFinalNewline: false,
    reject: false,
    timeout: deadlineMs,
    ...(signal === undefined ? {} : { cancelSignal: signal }),
  });
  started.stdin.on('error', () => undefined);
  started.stdin.write(script);
  return started;
}

interface Finished {
  exitCode: number;
  stdout: Buffer;
  stderr: Buffer;
  isOverdue: boolean;
}

async function finish(started: Started): Promise<Finished> {
  const { exitCode = -1, stdout, stderr, timedOut } = await started;
  return { exitCode, stdout: Buffer.from(stdout), stderr: Buffer.from(stderr), isOverdue: timedOut };
}

function resultOf({ exitCode, stdout, stderr }: Finished): CommandResult {
  return { exitCode, stdout: decodeText(stdout), stderr: decodeText(stderr) };
}

function interrupted(name: string): PgscaleError {
  return new PgscaleError('PGS_INTERRUPTED', { what: `interrupted a command on ${name}`, host: name });
}
