import type { Duplex } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Client } from 'ssh2';

import { PgscaleError } from '../errors/pgscale-error.ts';
import type { Command } from './command.ts';
import type { ConnectionSettings } from './connection-settings.ts';
import { commandFailed, deadlinePassed, sudoRefused, unreachable, type ExecuteOptions } from './host-errors.ts';
import type { CommandResult, FileAttributes, Forward, Host, RemoteFile, RunOptions, Session } from './host.ts';
import { JumpHosts } from './jump-hosts.ts';
import { openForward } from './port-forward.ts';
import { ReadBatch } from './read-batch.ts';
import { RemoteProcess, type RawResult } from './remote-process.ts';
import { launchLine, scriptBytes, stopLine } from './remote-shell.ts';
import { Slots } from './slots.ts';
import { withSshConfig } from './ssh-config.ts';
import { connect } from './ssh-connection.ts';
import { decodeText } from './text.ts';
import { writeScript } from './write-script.ts';

const DEFAULT_DEADLINE_MS = 30_000;
/** sshd's MaxSessions is 10 (sshd_config(5)); two are left for ending what hangs. */
const CHANNELS = 8;
/** The host ends a command by itself this much after we should have ended it. */
const OWN_END_SLACK_MS = 5000;
/** Commands wait in line behind others, each of which has a deadline of its own. */
const SLOT_DEADLINE_MS = 120_000;
const STOP_DEADLINE_MS = 3000;

/** A host over SSH: one connection, made again when it is asked for something after it broke. */
export class SshHost implements Host {
  readonly name: string;
  readonly address: string;
  #roundTrips = 0;
  #client: Client | undefined;
  #connecting: Promise<Client> | undefined;
  #lostBecause: Error | undefined;
  #isClosed = false;
  readonly #settings: ConnectionSettings;
  readonly #jumps: JumpHosts;
  readonly #closeJumps: () => void;
  readonly #slots = new Slots(CHANNELS);
  readonly #reads: ReadBatch;

  private constructor(settings: ConnectionSettings, jumps: JumpHosts, closeJumps: () => void) {
    this.name = settings.name;
    this.address = settings.address;
    this.#settings = settings;
    this.#jumps = jumps;
    this.#closeJumps = closeJumps;
    this.#reads = new ReadBatch(settings.name, async (command, options) => {
      const answer = await this.#execute(command, options);
      return { exitCode: answer.exitCode ?? -1, stdout: answer.stdout, stderr: decodeText(answer.stderr) };
    });
  }

  /**
   * Logs in to a host.
   * @param shared the jump hosts of a whole fleet, which outlive this host.
   * @throws PgscaleError PGS_HOST_UNREACHABLE, PGS_HOST_AUTH, PGS_HOST_KEY_UNKNOWN, PGS_HOST_KEY_CHANGED
   */
  static async connect(settings: ConnectionSettings, shared?: JumpHosts): Promise<SshHost> {
    const jumps = shared ?? new JumpHosts();
    const closeJumps = (): void => (shared === undefined ? jumps.close() : undefined);
    const host = new SshHost(await withSshConfig(settings), jumps, closeJumps);
    await host.#connected();
    return host;
  }

  get roundTrips(): number {
    return this.#roundTrips;
  }

  read(command: Command): Promise<CommandResult> {
    return this.#reads.read(command);
  }

  readFile(path: string): Promise<RemoteFile | undefined> {
    return this.#reads.readFile(path);
  }

  async run(command: Command, options: RunOptions = {}): Promise<CommandResult> {
    const answer = await this.#execute(command, options);
    const result = resultOf(answer);
    const ok = options.okStatuses ?? [0];
    if (ok === 'any' || ok.includes(result.exitCode)) return result;
    throw commandFailed(this.name, command, result, options);
  }

  async writeFile(path: string, content: string, attributes: FileAttributes): Promise<void> {
    await this.run(writeScript(path, Buffer.byteLength(content), attributes), { stdin: content });
  }

  async session(command: Command, onStdout: (text: string) => void): Promise<Session> {
    await this.#slot();
    const process = await this.#start(command, { as: 'root', limitSeconds: 0, onStdout }).catch((error: unknown) => {
      this.#slots.release();
      throw error;
    });
    const ended = process.ended.then(resultOf).finally(() => this.#slots.release());
    return {
      write: (text) => process.write(text),
      ended,
      [Symbol.asyncDispose]: async () => {
        process.endInput();
        if ((await within(ended, STOP_DEADLINE_MS)) === undefined) await this.#stop(process);
      },
    };
  }

  async forward(address: string, port: number): Promise<Forward> {
    await this.#connected();
    return openForward(() => this.#tunnel(address, port));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const client = this.#client;
    client?.end();
    // The goodbye is on its way; nobody waits for the other side's.
    setImmediate(() => client?.destroy());
    this.#closeJumps();
  }

  async #connected(): Promise<Client> {
    // Work that outlives its run, because nobody waits for it any more, ends here.
    if (this.#isClosed) {
      throw new PgscaleError('PGS_INTERRUPTED', { what: `the run with ${this.name} is over`, host: this.name });
    }
    if (this.#client !== undefined) return this.#client;
    this.#connecting ??= this.#connect().finally(() => (this.#connecting = undefined));
    return this.#connecting;
  }

  async #connect(): Promise<Client> {
    const client = await connect(this.#settings, await this.#jumps.streamTo(this.#settings));
    this.#lostBecause = undefined;
    client.on('error', (error) => (this.#lostBecause = error));
    client.once('close', () => (this.#client = undefined));
    this.#client = client;
    return client;
  }

  async #execute(command: Command, options: ExecuteOptions): Promise<RawResult> {
    const deadlineMs = options.deadlineMs ?? DEFAULT_DEADLINE_MS;
    const limitSeconds = Math.ceil((deadlineMs + OWN_END_SLACK_MS) / 1000);
    await this.#slot();
    try {
      const { as = 'root', onStdout } = options;
      const process = await this.#start(command, { as, limitSeconds, onStdout });
      if (options.stdin !== undefined) process.write(options.stdin);
      process.endInput();
      const answer = await within(process.ended, deadlineMs, options.signal);
      if (answer !== undefined) return this.#checked(process, answer);
      await this.#stop(process);
      if (options.signal?.aborted !== true) throw deadlinePassed(this.name, command, deadlineMs, options);
      throw new PgscaleError('PGS_INTERRUPTED', { what: `interrupted a command on ${this.name}`, host: this.name });
    } finally {
      this.#slots.release();
    }
  }

  async #slot(): Promise<void> {
    if (await this.#slots.take(SLOT_DEADLINE_MS)) return;
    throw unreachable(this.#settings, `all channels were busy for ${SLOT_DEADLINE_MS / 1000} s`, 'gives no channel');
  }

  async #start(
    command: Command,
    how: { as: string; limitSeconds: number; onStdout: ((text: string) => void) | undefined },
  ): Promise<RemoteProcess> {
    const client = await this.#connected();
    const script = scriptBytes(command);
    const decoder = new StringDecoder('utf8');
    const line = launchLine(script, this.#settings.user, how);
    this.#roundTrips += 1;
    for (;;) {
      try {
        const process = await RemoteProcess.start(client, line, (piece) => how.onStdout?.(decoder.write(piece)));
        process.write(script);
        return process;
      } catch (error) {
        // An sshd with a lower MaxSessions: go on with as many channels as it gives.
        const isFull = this.#client === client && this.#slots.giveUp();
        if (!isFull) throw unreachable(this.#settings, error, 'gives no channel');
        await this.#slot();
      }
    }
  }

  /** Tells a command that failed from one that never started or whose end nobody saw. */
  #checked(process: RemoteProcess, answer: RawResult): RawResult {
    if (answer.exitCode === undefined) {
      throw unreachable(this.#settings, this.#lostBecause ?? 'the other side closed it', 'lost the connection');
    }
    const stderr = answer.stderr.toString('utf8');
    if (process.processGroup === undefined && /sudo/u.test(stderr)) {
      throw sudoRefused(this.name, this.#settings.user, stderr.trim());
    }
    return answer;
  }

  /** Ends a command on the host, not only our end of it. */
  async #stop(process: RemoteProcess): Promise<void> {
    const client = this.#client;
    if (client !== undefined && process.processGroup !== undefined) {
      const line = stopLine(this.#settings.user, process.processGroup);
      const stopping = RemoteProcess.start(client, line, () => undefined).then((stop) => stop.ended);
      await within(
        stopping.catch(() => undefined),
        STOP_DEADLINE_MS,
      );
    }
    process.close();
  }

  async #tunnel(address: string, port: number): Promise<Duplex> {
    const client = await this.#connected();
    this.#roundTrips += 1;
    return new Promise((resolve, reject) => {
      client.forwardOut('127.0.0.1', 0, address, port, (error, stream) => {
        if (error === undefined) resolve(stream);
        else reject(error);
      });
    });
  }
}

function resultOf({ exitCode, stdout, stderr }: RawResult): CommandResult {
  return { exitCode: exitCode ?? -1, stdout: decodeText(stdout), stderr: decodeText(stderr) };
}

/** The value, or undefined when it did not come in time or was called off. */
async function within<T>(value: Promise<T>, deadlineMs: number, signal?: AbortSignal): Promise<T | undefined> {
  const timer = new AbortController();
  const stop = signal === undefined ? timer.signal : AbortSignal.any([signal, timer.signal]);
  const over = sleep(deadlineMs, undefined, { signal: stop }).catch(() => undefined);
  try {
    return await Promise.race([value, over]);
  } finally {
    timer.abort();
  }
}
