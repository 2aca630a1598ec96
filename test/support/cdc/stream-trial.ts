import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import type pg from 'pg';
import { z } from 'zod';

import { Consumer } from './consumer.ts';
import type { Verdict } from './deliveries.ts';
import { KeyedWriters } from './keyed-writers.ts';

/** The cluster as a trial uses it. */
export interface TrialCluster {
  /** Runs pgscale; throws when it ends with another status than the given ones. */
  pgscale(args: readonly string[], okStatuses?: readonly number[]): Promise<string>;
  /** Runs shell as root on a host. */
  on(host: string, script: string): Promise<string>;
}

export const STREAMS = [
  { name: 'feed', plugin: 'pgoutput' },
  { name: 'lines', plugin: 'wal2json' },
] as const;
const TABLE = 'public.cdc_events';
const CLIENTS = 8;
const PAUSE_MS = 20;
const READY_MS = 180_000;
const urlSchema = z.object({ DATABASE_URL: z.string(), DATABASE_POOL_URL: z.string() });
const statusSchema = z.object({
  primary: z.string(),
  slots: z.array(
    z.object({
      name: z.string(),
      isActive: z.boolean(),
      walStatus: z.string().nullable(),
      retainedBytes: z.number().nullable(),
      limitBytes: z.number().nullable(),
      syncedOn: z.array(z.string()),
      standbys: z.array(z.string()),
    }),
  ),
});
export type SeenSlots = z.output<typeof statusSchema>;

/** Two consumers and a load, while the primary moves. */
export class StreamTrial implements AsyncDisposable {
  readonly consumers: readonly Consumer[];
  readonly writers: KeyedWriters;
  readonly #cluster: TrialCluster;

  private constructor(cluster: TrialCluster, writers: KeyedWriters, consumers: readonly Consumer[]) {
    this.#cluster = cluster;
    this.writers = writers;
    this.consumers = consumers;
  }

  /** Makes the table and both streams, connects the consumers and begins to write. */
  static async start(cluster: TrialCluster): Promise<StreamTrial> {
    const writers = new KeyedWriters(await login(cluster, 'app', 'pool'));
    await writers.prepare();
    for (const { name, plugin } of STREAMS) {
      await cluster.pgscale(['cdc', 'create', name, '--plugin', plugin, '--tables', TABLE, '--yes']);
    }
    const consumers = await Promise.all(
      STREAMS.map(async ({ name, plugin }) => {
        return new Consumer({
          login: await login(cluster, `cdc_${name}`, 'primary'),
          slot: name,
          plugin,
          table: TABLE,
        });
      }),
    );
    writers.start(CLIENTS, PAUSE_MS);
    return new StreamTrial(cluster, writers, consumers);
  }

  /** Waits until both consumers are connected and every standby has usable copies of their slots; how long that took. */
  async ready(): Promise<number> {
    const startedAt = performance.now();
    let seen: SeenSlots | undefined;
    while (performance.now() - startedAt < READY_MS) {
      seen = await this.slots().catch(() => undefined);
      const own = seen?.slots.filter(({ name }) => STREAMS.some((stream) => stream.name === name)) ?? [];
      const isReady = own.every((slot) => slot.isActive && slot.syncedOn.length === slot.standbys.length);
      if (own.length === STREAMS.length && isReady) return performance.now() - startedAt;
      await sleep(500);
    }
    throw new Error(
      `not ready: ${JSON.stringify(seen)}, ${JSON.stringify(this.consumers.map(({ errors }) => errors.slice(-3)))}`,
    );
  }

  async slots(): Promise<SeenSlots> {
    return statusSchema.parse(JSON.parse(await this.#cluster.pgscale(['cdc', 'status', '--json'], [0, 3])));
  }

  /** Moves the primary in order; who leads then. */
  async switchover(): Promise<void> {
    await this.#cluster.pgscale(['switchover', '--yes', '--json']);
  }

  /** Kills the primary's postmaster; returns when somebody else leads. */
  async crash(): Promise<void> {
    const { primary } = await this.slots();
    await this.#cluster.on(primary, 'kill -9 $(head -n 1 /var/lib/postgresql/18/*/postmaster.pid)');
    const endsAt = performance.now() + READY_MS;
    while (performance.now() < endsAt) {
      await sleep(500);
      const now = await this.slots().catch(() => undefined);
      if (now !== undefined && now.primary !== primary) return;
    }
    throw new Error(`nobody took over from ${primary}`);
  }

  /**
   * The first consumer goes away for so long while the load goes on, and comes back. The most WAL that was kept for it meanwhile,
   * and the limit.
   * @throws Error when its slot was lost
   */
  async absence(forMs: number): Promise<{ keptBytes: number; limitBytes: number }> {
    const [consumer] = this.consumers;
    const endsAt = performance.now() + forMs;
    await consumer?.leave(forMs);
    const seen = { keptBytes: 0, limitBytes: Number.NaN };
    while (performance.now() < endsAt) {
      await sleep(Math.min(10_000, Math.max(0, endsAt - performance.now() - 1000)) + 500);
      const slot = (await this.slots()).slots.find(({ name }) => name === STREAMS[0].name);
      if (slot === undefined || slot.walStatus === 'lost') throw new Error(`lost: ${JSON.stringify(slot)}`);
      seen.keptBytes = Math.max(seen.keptBytes, slot.retainedBytes ?? 0);
      seen.limitBytes = slot.limitBytes ?? Number.NaN;
    }
    return seen;
  }

  /** Ends the load, lets the consumers come to its end, and compares. */
  async verdicts(): Promise<readonly Verdict[]> {
    const rows = await this.writers.rows();
    const isThere = (consumer: Consumer): boolean => consumer.deliveries.verdict(rows).missing.length === 0;
    const endsAt = performance.now() + 60_000;
    while (!this.consumers.every(isThere) && performance.now() < endsAt) await sleep(250);
    return this.consumers.map((consumer) => consumer.deliveries.verdict(rows));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.writers[Symbol.asyncDispose]();
    await Promise.all(this.consumers.map((consumer) => consumer[Symbol.asyncDispose]()));
  }
}

async function login(cluster: TrialCluster, role: string, endpoint: 'pool' | 'primary'): Promise<pg.ClientConfig> {
  const caFile = join(tmpdir(), `pgscale-trial-${process.pid}.crt`);
  const words = ['url', '--database', 'app', '--role', role, '--ca', caFile, '--json'];
  const found = urlSchema.parse(JSON.parse(await cluster.pgscale(words)));
  const url = new URL(endpoint === 'pool' ? found.DATABASE_POOL_URL : found.DATABASE_URL);
  return {
    host: url.hostname,
    port: Number(url.port),
    database: 'app',
    user: role,
    password: decodeURIComponent(url.password),
    ssl: { ca: await readFile(caFile, 'utf8') },
  };
}
