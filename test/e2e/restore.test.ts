import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

import { backupArgs } from '../support/backup-lab.ts';
import { bootLab, type LabCluster } from '../support/lab-cluster.ts';
import { LedgerWriter } from '../support/ledger-writer.ts';
import { poolLogin } from '../support/pool-login.ts';

const pointSchema = z.object({ name: z.string(), lsn: z.string() });
const sideSchema = z.object({ host: z.string(), port: z.number() });
const backupsSchema = z.object({
  backups: z.array(z.object({ type: z.string() })),
  windows: z.array(z.object({ timeline: z.number(), missing: z.string().nullable() })),
});
const checkSchema = z.object({ isSound: z.boolean() });
const statusSchema = z.object({ leader: z.string(), isDegraded: z.boolean() });

/** Two hosts and the lab's object store: archive, backup, a restore beside the cluster, and the cluster itself back. */
describe('backup and restore', () => {
  let cluster: LabCluster;

  beforeAll(async () => {
    cluster = await bootLab('e2e-restore', 2);
    await cluster.init({ args: ['--profile', 'normal', ...backupArgs(cluster.lab)] });
    const applied = await cluster.pgscale('apply', '--yes');
    expect(applied.status, applied.stdout + applied.stderr).toBe(0);
  });
  afterAll(async () => {
    await cluster[Symbol.asyncDispose]();
  });

  const sql = (host: string, text: string, port = 5432): Promise<string> =>
    cluster.on(host, `runuser -u postgres -- psql -XAtq -v ON_ERROR_STOP=1 -p ${port} -d app -c "${text}"`);
  // Without a backup the status is degraded; it is an answer all the same.
  const status = async (): Promise<z.output<typeof statusSchema>> =>
    statusSchema.parse(JSON.parse((await cluster.pgscale('status', '--json')).stdout));
  const leader = async (): Promise<string> => (await status()).leader;
  const insert = async (note: string): Promise<string> =>
    sql(await leader(), `insert into ledger (note) values ('${note}') returning id`);
  const ids = (host: string, port?: number): Promise<string> =>
    sql(host, `select string_agg(note, ' ' order by id) from ledger`, port);

  it('archives, backs up from the standby, and restores beside the cluster exactly what was there', async () => {
    expect(checkSchema.parse(await cluster.pgscaleJson('backup', 'check'))).toEqual(
      expect.objectContaining({ isSound: true }),
    );
    await sql(await leader(), 'create table ledger (id bigserial primary key, note text)');
    await cluster.pgscaleJson('backup', 'create');
    await insert('before');
    pointSchema.parse(await cluster.pgscaleJson('restore-point', 'create', 'here'));
    const again = await cluster.pgscale('restore-point', 'create', 'here', '--json');
    expect(again.stdout).toContain('PGS_RESTORE_POINT_EXISTS');
    await insert('after');

    const restored = await cluster.pgscaleJson('restore', '--name', 'here', '--yes');
    const { host, port } = sideSchema.parse(restored);
    expect(await ids(host, port)).toBe('before');
    expect(await ids(await leader())).toBe('before after');
    await expect(sql(host, 'create table no ()', port)).rejects.toThrow(/read-only/u);
    await cluster.pgscaleJson('restore', 'drop', 'side', '--yes');
    expect(await cluster.pgscaleJson('restore', 'list')).toEqual(expect.objectContaining({ restores: [] }));
  });

  it('refuses a moment that is not there, before anything is changed', async () => {
    const future = await cluster.pgscale('restore', '--in-place', '--to', '2999-01-01 00:00Z', '--yes', '--json');
    expect(future.status).toBe(4);
    expect(future.stdout).toContain('PGS_RESTORE_TARGET');
  });

  it('brings the cluster itself back, twice, and the standby follows', async () => {
    for (const wanted of ['before', 'before again']) {
      const isFirst = wanted === 'before';
      if (!isFirst) {
        await insert('again');
        await cluster.pgscaleJson('restore-point', 'create', 'there');
      }
      await insert('given-up');
      const target = ['--name', isFirst ? 'here' : 'there'];
      await cluster.pgscaleJson('restore', '--in-place', ...target, '--yes', '--cluster', 'e2e-restore');
      for (const { name } of cluster.lab.hosts) expect(await ids(name)).toBe(wanted);
      expect((await status()).isDegraded).toBe(false);
    }
    await expectFullBackups(3);
    const discarded = await cluster.pgscaleJson('restore', '--discard-old', '--yes', '--cluster', 'e2e-restore');
    expect(discarded).toEqual(expect.objectContaining({ discarded: [expect.anything(), expect.anything()] }));
    expect((await cluster.pgscale('plan')).stdout).toContain('No changes');
  });

  it('brings the latest back with every commit that was acknowledged until the members were stopped', async () => {
    await using writer = new LedgerWriter(await poolLogin(cluster));
    await writer.start();
    await expect.poll(() => writer.acknowledged.length, { timeout: 30_000 }).toBeGreaterThan(50);
    const before = writer.acknowledged.length;
    await cluster.pgscaleJson('restore', '--in-place', '--latest', '--yes', '--cluster', 'e2e-restore');
    const { length } = writer.acknowledged;
    // While the copy was made, and after it took the cluster's place.
    expect(length).toBeGreaterThan(before + 100);
    await expect.poll(() => writer.acknowledged.length, { timeout: 30_000 }).toBeGreaterThan(length + 50);
    expect(await writer.lost()).toEqual([]);
    expect((await status()).isDegraded).toBe(false);
  });

  it('copies a standby anew that was away for more WAL than the restored primary has', async () => {
    const path = join(cluster.directory, 'pgscale.yaml');
    const text = await readFile(path, 'utf8');
    await writeFile(path, text.replace('parameters: {}', 'parameters: { wal_keep_size: 16MB }'));
    await cluster.succeed('apply', '--yes');
    const primary = await leader();
    const standby = cluster.lab.hosts.find(({ name }) => name !== primary)!.name;
    await cluster.on(standby, 'systemctl stop patroni');
    await sql(primary, `insert into ledger (note) select repeat('x', 1000) from generate_series(1, 100000)`);
    await sql(primary, 'select pg_switch_wal()');
    const count = await sql(primary, 'select count(*) from ledger');
    await cluster.pgscaleJson('restore', '--in-place', '--latest', '--yes', '--cluster', 'e2e-restore');
    expect((await status()).isDegraded).toBe(false);
    for (const { name } of cluster.lab.hosts) expect(await sql(name, 'select count(*) from ledger')).toBe(count);
  });

  /** The backups after the restores go on by themselves. */
  async function expectFullBackups(count: number): Promise<void> {
    for (const endsAt = Date.now() + 60_000; Date.now() < endsAt;) {
      await sleep(1000);
      const { backups, windows } = backupsSchema.parse(await cluster.pgscaleJson('backup', 'list'));
      if (backups.filter(({ type }) => type === 'full').length < count) continue;
      expect(windows.filter(({ missing }) => missing !== null)).toEqual([]);
      return;
    }
    throw new Error((await cluster.pgscale('backup', 'list')).stdout);
  }
});
