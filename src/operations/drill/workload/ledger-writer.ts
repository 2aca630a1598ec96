import { setTimeout as sleep } from 'node:timers/promises';

import type pg from 'pg';

import { errorKind, type ClientError } from './client-error.ts';
import { hangUp, type Connect } from './endpoint-client.ts';
import { INSERT } from './ledger.ts';

/** One write that was acknowledged: when (ms since 1970), and by the server at which address. */
export interface Acknowledgement {
  readonly id: number;
  readonly atMs: number;
  readonly server: string;
}

const RETRY_MS = 50;
const PAUSE_MS = 20;

/** A few clients that write to the ledger all the time and remember what they were told. */
export class LedgerWriter implements AsyncDisposable {
  readonly acknowledged: Acknowledgement[] = [];
  readonly errors: ClientError[] = [];
  readonly #connect: Connect;
  #isOver = false;
  #nextId = 1;
  #loops: Promise<void>[] = [];

  constructor(connect: Connect) {
    this.#connect = connect;
  }

  start(clients: number): void {
    this.#loops = Array.from({ length: clients }, () => this.#writeOn());
  }

  /** The id that the next write will have. */
  get nextId(): number {
    return this.#nextId;
  }

  /** The latest acknowledgement. */
  get latest(): Acknowledgement | undefined {
    return this.acknowledged.at(-1);
  }

  /** Forgets what was before, so that a long drill does not fill the memory. */
  forget(): void {
    this.acknowledged.length = 0;
    this.errors.length = 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#loops.splice(0));
  }

  async #writeOn(): Promise<void> {
    while (!this.#isOver) {
      let client: pg.Client | undefined;
      try {
        client = await this.#connect();
        await this.#writeWith(client);
      } catch (error) {
        this.errors.push({ atMs: Date.now(), kind: errorKind(error) });
        await sleep(RETRY_MS);
      }
      if (client !== undefined) await hangUp(client);
    }
  }

  async #writeWith(client: pg.Client): Promise<void> {
    while (!this.#isOver) await this.#write(client);
  }

  async #write(client: pg.Client): Promise<void> {
    const id = this.#nextId++;
    const { rows } = await client.query<{ server: string }>(INSERT, [id]);
    this.acknowledged.push({ id, atMs: Date.now(), server: rows[0]?.server ?? '' });
    await sleep(PAUSE_MS);
  }
}
