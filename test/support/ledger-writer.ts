import { setTimeout as sleep } from 'node:timers/promises';

import pg from 'pg';

/** One write that was acknowledged: when (ms since 1970), and by which server. */
interface Acknowledgement {
  readonly id: number;
  readonly atMs: number;
  readonly server: string;
}

const RETRY_MS = 50;
const PAUSE_MS = 5;
const QUERY_TIMEOUT_MS = 30_000;

/** A few clients that write all the time and remember what they were told; what they were told has to be there later. */
export class LedgerWriter implements AsyncDisposable {
  readonly acknowledged: Acknowledgement[] = [];
  /** What clients were told instead, and how often. */
  readonly errors = new Map<string, number>();
  readonly #login: pg.ClientConfig;
  #isOver = false;
  #nextId = 1;
  #loops: Promise<void>[] = [];

  constructor(login: pg.ClientConfig) {
    this.#login = { connectionTimeoutMillis: 5000, query_timeout: QUERY_TIMEOUT_MS, ...login };
  }

  /** Makes the ledger anew and begins. */
  async start(clients = 4): Promise<void> {
    await this.#once('drop table if exists ledger; create table ledger (id bigint primary key)');
    this.#loops = Array.from({ length: clients }, () => this.#writeOn());
  }

  /** Stops, and gives the acknowledged writes that are not in the ledger. */
  async lost(): Promise<number[]> {
    await this[Symbol.asyncDispose]();
    const rows = (await this.#once('select id::int from ledger')).rows as { id: number }[];
    const there = new Set(rows.map(({ id }) => id));
    return this.acknowledged.map(({ id }) => id).filter((id) => !there.has(id));
  }

  /** From a moment to the first acknowledged write of another server than the one of before. */
  firstWriteElsewhereMs(sinceMs: number): number | undefined {
    const before = this.acknowledged.findLast(({ atMs }) => atMs < sinceMs)?.server;
    const first = this.acknowledged.find(({ atMs, server }) => atMs > sinceMs && server !== before);
    return first === undefined ? undefined : first.atMs - sinceMs;
  }

  /** The longest time after a moment in which nobody got an acknowledgement. */
  longestGapMs(sinceMs: number): number {
    const times = [sinceMs, ...this.acknowledged.map(({ atMs }) => atMs).filter((atMs) => atMs > sinceMs), Date.now()];
    return Math.max(...times.slice(1).map((atMs, index) => atMs - times[index]!));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#loops);
  }

  async #writeOn(): Promise<void> {
    while (!this.#isOver) {
      const client = new pg.Client(this.#login);
      client.on('error', () => undefined);
      try {
        await client.connect();
        await this.#writeWith(client);
      } catch (error) {
        const text = error instanceof Error ? error.message : String(error);
        this.errors.set(text, (this.errors.get(text) ?? 0) + 1);
        await sleep(RETRY_MS);
      }
      await client.end().catch(() => undefined);
    }
  }

  async #writeWith(client: pg.Client): Promise<void> {
    while (!this.#isOver) await this.#write(client);
  }

  async #write(client: pg.Client): Promise<void> {
    const id = this.#nextId++;
    const sql = 'insert into ledger values ($1) returning host(inet_server_addr()) as server';
    const { rows } = await client.query<{ server: string }>(sql, [id]);
    this.acknowledged.push({ id, atMs: Date.now(), server: rows[0]!.server });
    await sleep(PAUSE_MS);
  }

  async #once(sql: string): Promise<pg.QueryResult> {
    const client = new pg.Client(this.#login);
    client.on('error', () => undefined);
    await client.connect();
    const result = await client.query(sql);
    await client.end();
    return result;
  }
}
