import type pg from 'pg';

import { longestGap } from '../../src/operations/drill/statistics.ts';
import { countKinds } from '../../src/operations/drill/workload/client-error.ts';
import { connectTo } from '../../src/operations/drill/workload/endpoint-client.ts';
import { Ledger, lostWrites } from '../../src/operations/drill/workload/ledger.ts';
import {
  LedgerWriter as DrillWriter,
  type Acknowledgement,
} from '../../src/operations/drill/workload/ledger-writer.ts';

/** The writers of a failover drill, for tests that break things by themselves. */
export class LedgerWriter implements AsyncDisposable {
  readonly #ledger: Ledger;
  readonly #writer: DrillWriter;

  constructor(login: pg.ClientConfig) {
    const connect = (): Promise<pg.Client> => connectTo(login);
    this.#ledger = new Ledger(connect);
    this.#writer = new DrillWriter(connect);
  }

  get acknowledged(): readonly Acknowledgement[] {
    return this.#writer.acknowledged;
  }

  /** What clients were told instead, and how often. */
  get errors(): ReadonlyMap<string, number> {
    return new Map(countKinds(this.#writer.errors).map(({ kind, count }) => [kind, count]));
  }

  /** Makes the ledger anew and begins. */
  async start(clients = 4): Promise<void> {
    await this.#ledger.create();
    this.#writer.start(clients);
  }

  /** Stops, and gives the acknowledged writes that are not in the ledger. */
  async lost(): Promise<number[]> {
    await this[Symbol.asyncDispose]();
    return lostWrites(this.acknowledged, await this.#ledger.idsFrom(1));
  }

  /** From a moment to the first acknowledged write of another server than the one of before. */
  firstWriteElsewhereMs(sinceMs: number): number | undefined {
    const before = this.acknowledged.findLast(({ atMs }) => atMs < sinceMs)?.server;
    const first = this.acknowledged.find(({ atMs, server }) => atMs > sinceMs && server !== before);
    return first === undefined ? undefined : first.atMs - sinceMs;
  }

  /** The longest time after a moment in which nobody got an acknowledgement. */
  longestGapMs(sinceMs: number): number {
    const times = this.acknowledged.map(({ atMs }) => atMs);
    return longestGap(times, sinceMs, Date.now());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writer[Symbol.asyncDispose]();
  }
}
