import { setTimeout as sleep } from 'node:timers/promises';

import type pg from 'pg';

import { errorKind } from './client-error.ts';
import { hangUp, type Connect } from './endpoint-client.ts';

/** One read transaction: which server it was on, through the proxy at which address, and how it ended (ms since 1970). */
export interface ReadTransaction {
  readonly client: number;
  readonly beginMs: number;
  /** Undefined while it is in flight. */
  readonly endMs: number | undefined;
  readonly server: string;
  readonly door: string;
  readonly isStandby: boolean;
  /** The kind of error that broke it. */
  readonly broken: string | undefined;
}

type Open = { -readonly [Key in keyof ReadTransaction]: ReadTransaction[Key] };

const LENGTH_MS = 3000;
const BETWEEN_QUERIES_MS = 150;
const RETRY_MS = 200;
const BEGIN = 'begin transaction isolation level repeatable read, read only';
const WHERE = `select host(inet_server_addr()) as server, host(inet_client_addr()) as door, pg_is_in_recovery() as "isStandby"`;

interface Place {
  server: string;
  door: string;
  isStandby: boolean;
}

/** A few clients of the replica endpoint, each of which has a read transaction open all the time, a few seconds long. */
export class ReadHolder implements AsyncDisposable {
  readonly transactions: ReadTransaction[] = [];
  readonly #connect: Connect;
  #isOver = false;
  #loops: Promise<void>[] = [];

  constructor(connect: Connect) {
    this.#connect = connect;
  }

  start(clients: number): void {
    // Not all at once, so that at every moment some are young and some are old.
    this.#loops = Array.from({ length: clients }, (_, client) => this.#holdOn(client, (client * LENGTH_MS) / clients));
  }

  /** Forgets those that have ended. */
  forget(): void {
    const open = this.transactions.filter(({ endMs }) => endMs === undefined);
    this.transactions.splice(0, this.transactions.length, ...open);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#loops.splice(0));
  }

  async #holdOn(client: number, delayMs: number): Promise<void> {
    await sleep(delayMs);
    while (!this.#isOver) {
      const connection = await this.#connect().catch(() => undefined);
      // That no connection is to be had is the prober's business; here only what was begun counts.
      if (connection === undefined) await sleep(RETRY_MS);
      else await this.#transaction(client, connection);
    }
  }

  async #transaction(client: number, connection: pg.Client): Promise<void> {
    let open: Open | undefined;
    try {
      await connection.query(BEGIN);
      const [place] = (await connection.query<Place>(WHERE)).rows;
      if (place === undefined) throw new Error('no row');
      open = { client, beginMs: Date.now(), endMs: undefined, broken: undefined, ...place };
      this.transactions.push(open);
      while (!this.#isOver && Date.now() - open.beginMs < LENGTH_MS) {
        await sleep(BETWEEN_QUERIES_MS);
        await connection.query('select count(*) from pg_class');
      }
      await connection.query('commit');
    } catch (error) {
      if (open !== undefined) open.broken = errorKind(error);
      else await sleep(RETRY_MS);
    }
    if (open !== undefined) open.endMs = Date.now();
    await hangUp(connection);
  }
}
