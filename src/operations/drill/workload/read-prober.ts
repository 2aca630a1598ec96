import { setTimeout as sleep } from 'node:timers/promises';

import { errorKind, type ClientError } from './client-error.ts';
import { once, type Connect } from './endpoint-client.ts';

/** A read by a client that had no connection before (ms since 1970). */
export interface FreshRead {
  readonly beginMs: number;
  readonly endMs: number;
  readonly server: string;
}

const PAUSE_MS = 100;

/** One client of the replica endpoint that connects anew for each read. */
export class ReadProber implements AsyncDisposable {
  readonly reads: FreshRead[] = [];
  readonly errors: ClientError[] = [];
  readonly #connect: Connect;
  #isOver = false;
  #loop: Promise<void> = Promise.resolve();

  constructor(connect: Connect) {
    this.#connect = connect;
  }

  start(): void {
    this.#loop = this.#readOn();
  }

  forget(): void {
    this.reads.length = 0;
    this.errors.length = 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    await this.#loop;
  }

  async #readOn(): Promise<void> {
    while (!this.#isOver) {
      await this.#read().catch((error: unknown) => this.errors.push({ atMs: Date.now(), kind: errorKind(error) }));
      await sleep(PAUSE_MS);
    }
  }

  async #read(): Promise<void> {
    const beginMs = Date.now();
    const sql = 'select host(inet_server_addr()) as server';
    const { rows } = await once(this.#connect, (client) => client.query<{ server: string }>(sql));
    this.reads.push({ beginMs, endMs: Date.now(), server: rows[0]?.server ?? '' });
  }
}
