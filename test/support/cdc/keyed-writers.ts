import { setTimeout as sleep } from 'node:timers/promises';

import pg from 'pg';

const CREATE = `drop table if exists cdc_events;
create table cdc_events (key int, seq bigint, at_ms bigint default extract(epoch from clock_timestamp()) * 1000, primary key (key, seq))`;

/** Clients with a key each, that write one row after the other; after an error they go on with the next number. */
export class KeyedWriters implements AsyncDisposable {
  readonly errors: string[] = [];
  readonly #login: pg.ClientConfig;
  readonly #acknowledged: string[] = [];
  readonly #stop = new AbortController();
  #loops: Promise<void>[] = [];

  constructor(login: pg.ClientConfig) {
    this.#login = login;
  }

  get acknowledged(): number {
    return this.#acknowledged.length;
  }

  /** Makes the table anew. */
  async prepare(): Promise<void> {
    await this.#once((client) => client.query(CREATE));
  }

  start(clients: number, pauseMs: number): void {
    this.#loops = Array.from({ length: clients }, (_, key) => this.#write(key, pauseMs));
  }

  /** Ends, and gives the rows that are in the table. @throws Error when an acknowledged one is not */
  async rows(): Promise<ReadonlySet<string>> {
    await this[Symbol.asyncDispose]();
    const found = await this.#once((client) =>
      client.query<{ id: string }>(`select key || ':' || seq as id from cdc_events`),
    );
    const rows = new Set(found.rows.map(({ id }) => id));
    const lost = this.#acknowledged.filter((id) => !rows.has(id));
    if (lost.length > 0) throw new Error(`${lost.length} acknowledged rows are lost: ${lost.slice(0, 5).join(', ')}`);
    return rows;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#loops);
  }

  async #write(key: number, pauseMs: number): Promise<void> {
    let client: pg.Client | undefined;
    for (let seq = 1; !this.#stop.signal.aborted; seq += 1) {
      try {
        client ??= await this.#connect();
        await client.query('insert into cdc_events (key, seq) values ($1, $2)', [key, seq]);
        this.#acknowledged.push(`${key}:${seq}`);
        await sleep(pauseMs);
      } catch (error) {
        this.errors.push(error instanceof Error ? error.message : String(error));
        void client?.end().catch(() => undefined);
        client = undefined;
        await sleep(100);
      }
    }
    await client?.end().catch(() => undefined);
  }

  async #connect(): Promise<pg.Client> {
    const client = new pg.Client({ ...this.#login, connectionTimeoutMillis: 3000, query_timeout: 30_000 });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }

  async #once<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
    const client = await this.#connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  }
}
