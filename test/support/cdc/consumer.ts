import { setTimeout as sleep } from 'node:timers/promises';

import pg from 'pg';

import type { Change } from '../../../src/cdc/change.ts';
import { PgoutputDecoder } from '../../../src/cdc/pgoutput.ts';
import { decodeWal2json, wal2jsonOptions } from '../../../src/cdc/wal2json.ts';
import { Deliveries } from './deliveries.ts';

/** Who reads what, by which door. */
export interface ConsumerOptions {
  readonly login: pg.ClientConfig;
  readonly slot: string;
  readonly plugin: 'pgoutput' | 'wal2json';
  readonly table: string;
}

/** What pg has and its types do not tell of: the sub-protocol of replication. */
interface ReplicationConnection {
  on(event: 'copyData', listener: (message: { chunk: Buffer }) => void): void;
  sendCopyFromChunk(chunk: Buffer): void;
}

const PAUSE_MS = 200;
const CONFIRM_MS = 500;
const EPOCH_MS = 946_684_800_000;

/**
 * A consumer as it should be: it stores each transaction with its position, tells the server what it has stored, connects
 * again whenever the connection breaks, and begins behind what it has.
 * https://www.postgresql.org/docs/18/protocol-replication.html
 */
export class Consumer implements AsyncDisposable {
  readonly deliveries = new Deliveries();
  /** What the server said instead of changes. */
  readonly errors: string[] = [];
  /** How often it had to connect. */
  connections = 0;
  readonly #options: ConsumerOptions;
  readonly #stop = new AbortController();
  readonly #loop: Promise<void>;
  /** The end of the last transaction that is stored. */
  #stored = 0n;
  #isOpen = false;
  #client: pg.Client | undefined;
  #backAt = 0;

  constructor(options: ConsumerOptions) {
    this.#options = options;
    this.#loop = this.#run();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#client?.end().catch(() => undefined);
    await this.#loop;
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      await this.#stream().catch((error: unknown) => {
        if (!this.#stop.signal.aborted) this.errors.push(error instanceof Error ? error.message : String(error));
      });
      const pauseMs = Math.max(PAUSE_MS, this.#backAt - performance.now());
      await sleep(pauseMs, undefined, { signal: this.#stop.signal }).catch(() => undefined);
    }
  }

  /** Goes away for so long, as one that is being repaired does, and comes back by itself. */
  async leave(forMs: number): Promise<void> {
    this.#backAt = performance.now() + forMs;
    await this.#client?.end().catch(() => undefined);
  }

  async #stream(): Promise<void> {
    const { login, slot } = this.#options;
    const config = { ...login, replication: 'database', connectionTimeoutMillis: 3000, keepAlive: true };
    const client = new pg.Client(config);
    this.#client = client;
    const broken = new Promise<never>((_, reject) => {
      client.on('error', reject);
      client.on('end', () => reject(new Error('the connection ended')));
    });
    broken.catch(() => undefined);
    await client.connect();
    this.connections += 1;
    this.#isOpen = false;
    const decoder = new PgoutputDecoder();
    const { connection } = client as unknown as { connection: ReplicationConnection };
    connection.on('copyData', ({ chunk }) => this.#heard(chunk, decoder, connection));
    const timer = setInterval(() => this.#confirm(connection), CONFIRM_MS);
    try {
      const from = `${(this.#stored >> 32n).toString(16)}/${(this.#stored & 0xffff_ffffn).toString(16)}`;
      const start = `START_REPLICATION SLOT ${slot} LOGICAL ${from} (${this.#pluginOptions()})`;
      await Promise.race([client.query(start), broken]);
    } finally {
      clearInterval(timer);
      await client.end().catch(() => undefined);
    }
  }

  #pluginOptions(): string {
    const { plugin, slot, table } = this.#options;
    const options: Readonly<Record<string, string>> =
      plugin === 'pgoutput' ? { proto_version: '1', publication_names: slot } : wal2jsonOptions([table]);
    return Object.entries(options)
      .map(([name, value]) => `"${name}" '${value}'`)
      .join(', ');
  }

  #heard(chunk: Buffer, decoder: PgoutputDecoder, connection: ReplicationConnection): void {
    if (chunk[0] === 0x6b) {
      // Nothing is under way, so everything up to here is stored: there was nothing in it for this stream.
      const end = chunk.readBigUInt64BE(1);
      if (!this.#isOpen && end > this.#stored) this.#stored = end;
      if (chunk[17] === 1) this.#confirm(connection);
      return;
    }
    if (chunk[0] !== 0x77) return;
    const position = chunk.readBigUInt64BE(1);
    const data = chunk.subarray(25);
    const change =
      this.#options.plugin === 'pgoutput' ? decoder.decode(data, '') : decodeWal2json(data.toString('utf8'), '');
    if (change !== undefined) this.#take(change, position);
  }

  #take(change: Change, position: bigint): void {
    if (change.kind === 'begin') this.#isOpen = true;
    else if (change.kind === 'insert' && change.row !== undefined) this.deliveries.add(change.row);
    else if (change.kind === 'commit') {
      this.deliveries.commit();
      this.#isOpen = false;
      if (position > this.#stored) this.#stored = position;
    }
  }

  #confirm(connection: ReplicationConnection): void {
    const message = Buffer.alloc(34);
    message.write('r');
    for (const at of [1, 9, 17]) message.writeBigUInt64BE(this.#stored, at);
    message.writeBigInt64BE(BigInt(Date.now() - EPOCH_MS) * 1000n, 25);
    connection.sendCopyFromChunk(message);
  }
}
