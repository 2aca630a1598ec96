import type { Client, ClientChannel } from 'ssh2';

/** What a command left behind, not yet decoded. `exitCode` is undefined when the connection broke before the end. */
export interface RawResult {
  readonly exitCode: number | undefined;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

/** A command that runs on a host, started by `launchLine`. */
export class RemoteProcess {
  readonly ended: Promise<RawResult>;
  readonly #channel: ClientChannel;
  readonly #stdout: Buffer[] = [];
  readonly #stderr: Buffer[] = [];
  #head: Buffer | undefined = Buffer.alloc(0);
  #processGroup: number | undefined;
  #exitCode: number | undefined;

  private constructor(channel: ClientChannel, onStdout: (piece: Buffer) => void) {
    this.#channel = channel;
    channel.on('data', (piece: Buffer) => {
      const rest = this.#withoutHead(piece);
      if (rest.length === 0) return;
      this.#stdout.push(rest);
      onStdout(rest);
    });
    channel.stderr.on('data', (piece: Buffer) => this.#stderr.push(piece));
    // A signal gives no status; 128 is what a shell would add to the number of the signal.
    channel.on('exit', (code: number | null) => (this.#exitCode = code ?? 128));
    channel.on('error', () => undefined);
    this.ended = new Promise((resolve) => {
      channel.once('close', () => {
        resolve({
          exitCode: this.#exitCode,
          stdout: Buffer.concat(this.#stdout),
          stderr: Buffer.concat(this.#stderr),
        });
      });
    });
  }

  /** Opens a channel and starts the command line. Rejects when the host gives no channel. */
  static start(client: Client, line: string, onStdout: (piece: Buffer) => void): Promise<RemoteProcess> {
    return new Promise((resolve, reject) => {
      client.exec(line, (error, channel) => {
        if (error === undefined) resolve(new RemoteProcess(channel, onStdout));
        else reject(error);
      });
    });
  }

  /** The process group that the host told of; undefined when the command never came to start. */
  get processGroup(): number | undefined {
    return this.#processGroup;
  }

  write(data: Buffer | string): void {
    if (this.#channel.writable) this.#channel.write(data);
  }

  endInput(): void {
    this.#channel.end();
  }

  /** Forgets the command, whatever becomes of it. */
  close(): void {
    this.#channel.close();
  }

  /** The first line is the process group; the command's own output begins after it. */
  #withoutHead(piece: Buffer): Buffer {
    if (this.#head === undefined) return piece;
    const soFar = Buffer.concat([this.#head, piece]);
    const end = soFar.indexOf('\n');
    this.#head = end === -1 ? soFar : undefined;
    if (end === -1) return Buffer.alloc(0);
    this.#processGroup = Number(soFar.toString('latin1', 0, end));
    return soFar.subarray(end + 1);
  }
}
