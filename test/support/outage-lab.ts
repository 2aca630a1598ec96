import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect } from 'vitest';
import { z } from 'zod';

import { bootLab, type LabCluster } from './lab-cluster.ts';
import { LedgerWriter } from './ledger-writer.ts';
import { poolLogin } from './pool-login.ts';
import { untilWhole } from './whole-cluster.ts';

const WHOLE_AGAIN_MS = 300_000;
const WRITES_AGAIN_MS = 180_000;

const statusSchema = z.object({
  leader: z.string().nullable(),
  isDegraded: z.boolean(),
  durability: z.object({ guarantee: z.string() }),
  problems: z.array(z.object({ id: z.string(), host: z.string().optional(), text: z.string() })),
});
export type SeenStatus = z.output<typeof statusSchema>;

const etcdSchema = z.object({ etcd: z.array(z.object({ host: z.string(), isLeader: z.boolean() })) });

const whySchema = z.object({
  leader: z.string().nullable(),
  reasons: z.array(z.object({ id: z.string(), text: z.string() })),
  candidates: z.array(z.object({ name: z.string(), gapBytes: z.number().nullable(), excluded: z.string().nullable() })),
});
export type SeenWhy = z.output<typeof whySchema>;
const urlSchema = z.object({ DATABASE_POOL_URL: z.string(), DATABASE_REPLICA_URL: z.string() });

/** What a fault did to those who write. */
export interface Suffered {
  readonly acknowledged: number;
  /** The longest time without an acknowledgement after the fault. */
  readonly longestGapMs: number;
}

/** A cluster in a lab, whole, to be damaged and to be found whole again. */
export class OutageLab implements AsyncDisposable {
  readonly cluster: LabCluster;
  readonly #name: string;

  private constructor(cluster: LabCluster, name: string) {
    this.cluster = cluster;
    this.#name = name;
  }

  /** Boots hosts and makes a cluster of them. @param spec changes the text of pgscale.yaml before it is applied */
  static async start(name: string, spec: (text: string) => string = (text) => text): Promise<OutageLab> {
    const lab = new OutageLab(await bootLab(name, 3), name);
    await lab.cluster.init();
    await lab.editSpec(spec);
    return lab;
  }

  /** Changes the text of pgscale.yaml and applies it. */
  async editSpec(change: (text: string) => string): Promise<void> {
    const path = join(this.cluster.directory, 'pgscale.yaml');
    await writeFile(path, change(await readFile(path, 'utf8')));
    await this.#apply();
  }

  get hosts(): string[] {
    return this.cluster.lab.hosts.map(({ name }) => name);
  }

  get dataDirectory(): string {
    return `/var/lib/postgresql/18/${this.#name}`;
  }

  /** Runs SQL as postgres on a member and gives its output, a row a line. */
  async sql(host: string, text: string): Promise<string[]> {
    const output = await this.on(host, `runuser -u postgres -- psql -XAtq -d app -c "${text}"`);
    return output.split('\n').filter((line) => line !== '');
  }

  /** All hosts but these. */
  othersThan(...names: string[]): string[] {
    return this.hosts.filter((name) => !names.includes(name));
  }

  async #apply(): Promise<void> {
    const { status, stdout, stderr } = await this.cluster.pgscale('apply', '--yes');
    if (status !== 0) throw new Error(`apply ended with ${status}\n${stdout}\n${stderr}`);
  }

  async on(host: string, script: string): Promise<string> {
    return this.cluster.on(host, script);
  }

  /** Cuts, heals, kills (power) or starts a host. */
  async power(verb: 'cut' | 'heal' | 'kill' | 'start', host: string): Promise<void> {
    const { status, stdout, stderr } = await this.cluster.pgscale('lab', verb, host, '--name', this.#name);
    if (status !== 0) throw new Error(`lab ${verb} ${host}: ${stdout}${stderr}`);
  }

  async status(): Promise<SeenStatus> {
    return statusSchema.parse(JSON.parse((await this.cluster.pgscale('status', '--json')).stdout));
  }

  /** `host id` of each problem. */
  async problems(): Promise<string[]> {
    return (await this.status()).problems.map(({ id, host }) => (host === undefined ? id : `${host} ${id}`));
  }

  async why(): Promise<SeenWhy> {
    return whySchema.parse(JSON.parse((await this.cluster.pgscale('why', '--json')).stdout));
  }

  /** The host from which etcd is led, if there is one now. */
  async etcdLeader(): Promise<string | undefined> {
    const { etcd } = etcdSchema.parse(JSON.parse((await this.cluster.pgscale('status', '--json')).stdout));
    return etcd.find(({ isLeader }) => isLeader)?.host;
  }

  /** Has etcd led from a host. */
  async moveEtcdLeader(to: string): Promise<void> {
    const from = await this.etcdLeader();
    if (from === undefined) throw new Error('etcd has no leader');
    const pki = '/etc/pgscale/pki';
    const tls = `--cacert=${pki}/ca.crt --cert=${pki}/host.crt --key=${pki}/host.key`;
    const addressOf = (host: string): string => this.cluster.lab.hosts.find(({ name }) => name === host)!.address;
    const etcdctl = (host: string): string => `etcdctl --endpoints=https://${addressOf(host)}:2379 ${tls}`;
    const id = `$(${etcdctl(to)} endpoint status | cut -d, -f 2 | tr -d ' ')`;
    await this.on(from, `${etcdctl(from)} move-leader ${id}`);
  }

  /** Waits until the status has nothing to say; the leader. */
  async whole(deadlineMs = WHOLE_AGAIN_MS): Promise<string> {
    return untilWhole(this.cluster, deadlineMs);
  }

  /** A few clients on the pool endpoint that write all the time. */
  async writer(): Promise<LedgerWriter> {
    const started = new LedgerWriter(await poolLogin(this.cluster));
    await started.start();
    return started;
  }

  async urls(): Promise<z.output<typeof urlSchema>> {
    return urlSchema.parse(await this.cluster.pgscaleJson('url'));
  }

  /**
   * Clients write while something happens; afterwards the cluster is whole again by itself, takes writes, and has every row
   * that a client was told of.
   */
  async whileWriting(happens: (ledger: LedgerWriter) => Promise<void>): Promise<Suffered> {
    await using ledger = await this.writer();
    await writesGoOn(ledger);
    const faultMs = Date.now();
    await happens(ledger);
    await this.whole();
    await writesGoOn(ledger);
    const longestGapMs = ledger.longestGapMs(faultMs);
    expect(await ledger.lost()).toEqual([]);
    return { acknowledged: ledger.acknowledged.length, longestGapMs };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cluster[Symbol.asyncDispose]();
  }
}

/** Waits until a write that begins now is acknowledged. */
export async function writesGoOn(ledger: LedgerWriter, deadlineMs = WRITES_AGAIN_MS): Promise<void> {
  const before = ledger.acknowledged.length;
  await expect
    .poll(() => ledger.acknowledged.length, { timeout: deadlineMs, interval: 100 })
    .toBeGreaterThan(before + 10);
}

/** No write is acknowledged for a while. */
export async function writesStop(ledger: LedgerWriter, quietMs: number, deadlineMs = WRITES_AGAIN_MS): Promise<void> {
  const quiet = (): number => Date.now() - (ledger.acknowledged.at(-1)?.atMs ?? 0);
  await expect.poll(quiet, { timeout: deadlineMs, interval: 100 }).toBeGreaterThan(quietMs);
}

/** In a line, for the report of a run. */
export function told({ acknowledged, longestGapMs }: Suffered): string {
  return `${acknowledged} acknowledged, none lost; longest time without one ${(longestGapMs / 1000).toFixed(1)} s`;
}
