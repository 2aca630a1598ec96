import { setTimeout as sleep } from 'node:timers/promises';

import pg from 'pg';

/** How a load is put on the pool endpoint. */
export interface LoadOptions {
  /** URL of the endpoint, password included; its parameters do not count. */
  readonly url: string;
  /** The cluster's CA, against which the endpoint's certificate is verified. */
  readonly ca: string;
  readonly clients: number;
  /** Share of transactions that write, 0 to 1. */
  readonly writeShare: number;
  /** How long a client waits between two transactions, on average. */
  readonly thinkMs: number;
  /** After so many transactions a client connects anew; 0: never. */
  readonly reconnectAfter?: number;
}

/** What one client saw since the last look. */
export interface ClientLook {
  readonly longestMs: number;
  readonly errors: readonly string[];
}

/** Many clients in one process, each with a row of its own that it counts up; every acknowledged commit is remembered. */
export class PoolLoad implements AsyncDisposable {
  readonly #options: LoadOptions;
  readonly #clients: LoadClient[];
  #isOver = false;
  #loops: Promise<void>[] = [];

  private constructor(options: LoadOptions) {
    this.#options = options;
    this.#clients = Array.from({ length: options.clients }, (_, index) => new LoadClient(index, options));
  }

  /** Makes the table and connects all clients, some at a time. */
  static async start(options: LoadOptions): Promise<PoolLoad> {
    const load = new PoolLoad(options);
    await load.#prepare();
    const waiting = [...load.#clients];
    const connectAll = async (): Promise<void> => {
      for (let client = waiting.pop(); client !== undefined; client = waiting.pop()) await client.connect();
    };
    await Promise.all(Array.from({ length: 16 }, connectAll));
    load.#loops = load.#clients.map((client) => client.run(() => load.#isOver));
    return load;
  }

  /** The longest wait and the errors of every client since the last call. A wait that still lasts counts. */
  look(): ClientLook[] {
    return this.#clients.map((client) => client.look());
  }

  get transactions(): number {
    return this.#clients.reduce((sum, { transactions }) => sum + transactions, 0);
  }

  /** A transaction of a client of its own that does not end before it is told to. */
  async openTransaction(): Promise<{ commit(): Promise<void> }> {
    const client = newClient(this.#options);
    await client.connect();
    await client.query('begin');
    await client.query('select 1');
    return {
      commit: async () => {
        await client.query('commit');
        await client.end();
      },
    };
  }

  /** Ends the load and gives how many acknowledged commits are not in the table. */
  async lostCommits(): Promise<number> {
    await this[Symbol.asyncDispose]();
    const { rows } = await this.#once((client) =>
      client.query<{ id: number; n: number }>('select id, n::int from pgscale_load'),
    );
    const found = new Map(rows.map(({ id, n }) => [id, n]));
    return this.#clients.reduce(
      (sum, { id, acknowledged }) => sum + Math.max(0, acknowledged - (found.get(id) ?? 0)),
      0,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#loops.splice(0));
  }

  async #prepare(): Promise<void> {
    await this.#once(async (client) => {
      await client.query('drop table if exists pgscale_load');
      await client.query('create table pgscale_load (id int primary key, n bigint not null) with (fillfactor = 50)');
      await client.query('insert into pgscale_load select id, 0 from generate_series(0, $1 - 1) as id', [
        this.#options.clients,
      ]);
    });
  }

  async #once<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
    const client = newClient(this.#options);
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  }
}

class LoadClient {
  readonly id: number;
  transactions = 0;
  acknowledged = 0;
  readonly #options: LoadOptions;
  #client: pg.Client | undefined;
  #longestMs = 0;
  #waitingSince: number | undefined;
  #errors: string[] = [];

  constructor(id: number, options: LoadOptions) {
    this.id = id;
    this.#options = options;
  }

  async connect(): Promise<void> {
    this.#client = newClient(this.#options);
    // A connection that breaks while it is idle is an error that the application sees, too.
    this.#client.on('error', (error) => this.#errors.push(`idle: ${error.message}`));
    await this.#client.connect();
  }

  async run(isOver: () => boolean): Promise<void> {
    await sleep(Math.random() * this.#options.thinkMs);
    while (!isOver()) {
      await this.#timed(() => this.#transaction());
      await sleep(this.#options.thinkMs * (0.5 + Math.random()));
    }
    await this.#client?.end().catch(() => undefined);
  }

  look(): ClientLook {
    const now = performance.now();
    const longestMs = Math.max(this.#longestMs, now - (this.#waitingSince ?? now));
    const errors = this.#errors;
    this.#longestMs = 0;
    this.#errors = [];
    return { longestMs, errors };
  }

  async #timed(work: () => Promise<void>): Promise<void> {
    this.#waitingSince = performance.now();
    try {
      await work();
    } catch (error) {
      this.#errors.push(error instanceof Error ? error.message : String(error));
      await this.#client?.end().catch(() => undefined);
      await sleep(250);
      await this.connect().catch((reason: unknown) => this.#errors.push(`connect: ${String(reason)}`));
    }
    this.#longestMs = Math.max(this.#longestMs, performance.now() - this.#waitingSince);
    this.#waitingSince = undefined;
  }

  async #transaction(): Promise<void> {
    const { reconnectAfter = 0, writeShare } = this.#options;
    if (reconnectAfter > 0 && this.transactions > 0 && this.transactions % reconnectAfter === 0) {
      await this.#client?.end();
      await this.connect();
    }
    if (this.#client === undefined) throw new Error('no connection');
    if (Math.random() < writeShare) {
      await this.#client.query('begin');
      await this.#client.query('update pgscale_load set n = n + 1 where id = $1', [this.id]);
      await this.#client.query('commit');
      this.acknowledged += 1;
    } else {
      await this.#client.query('select n from pgscale_load where id = $1', [this.id]);
    }
    this.transactions += 1;
  }
}

function newClient({ url, ca }: LoadOptions): pg.Client {
  const { username, password, hostname, port, pathname } = new URL(url);
  return new pg.Client({
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    host: hostname,
    port: Number(port),
    database: pathname.slice(1),
    ssl: { ca },
  });
}
