import pg from 'pg';

/** A row of the ledger, as its writer knows it. */
export interface Entry {
  readonly id: number;
  readonly xid: string;
}

/** One client of the pool endpoint that writes numbered rows, a transaction each: the order of numbers is that of commits. */
export class Ledger implements AsyncDisposable {
  readonly #client: pg.Client;
  readonly entries: Entry[] = [];
  #running: Promise<void> | undefined;
  #isStopping = false;

  private constructor(client: pg.Client) {
    this.#client = client;
  }

  static async open(login: pg.ClientConfig): Promise<Ledger> {
    const client = new pg.Client(login);
    client.on('error', () => undefined);
    await client.connect();
    return new Ledger(client);
  }

  async create(): Promise<void> {
    await this.#client.query('drop table if exists ledger');
    await this.#client.query(
      'create table ledger (id bigint primary key, at timestamptz not null default clock_timestamp(), xid xid8 not null default pg_current_xact_id())',
    );
  }

  /** Goes on writing until `pause`. */
  start(): void {
    this.#isStopping = false;
    this.#running = this.#write();
  }

  /** Returns when the last row is acknowledged. */
  async pause(): Promise<void> {
    this.#isStopping = true;
    await this.#running;
    this.#running = undefined;
  }

  async #write(): Promise<void> {
    while (!this.#isStopping) {
      const id = (this.entries.at(-1)?.id ?? 0) + 1;
      const { rows } = await this.#client.query<{ xid: string }>('insert into ledger (id) values ($1) returning xid', [
        id,
      ]);
      this.entries.push({ id, xid: rows[0]!.xid });
    }
  }

  /** The numbers that a moment has: those committed at or before it, by the commit timestamps of the server. */
  async lastAt(time: string): Promise<number> {
    const { rows } = await this.#client.query<{ last: string }>(
      'select coalesce(max(id), 0) as last from ledger where pg_xact_commit_timestamp(xid::xid) <= $1::timestamptz',
      [time],
    );
    return Number(rows[0]!.last);
  }

  async value(sql: string): Promise<string> {
    const { rows } = await this.#client.query<Record<string, unknown>>(sql);
    return String(Object.values(rows[0] ?? {})[0]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.pause();
    await this.#client.end().catch(() => undefined);
  }
}
