import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

import { bootLab, type LabCluster } from '../support/lab-cluster.ts';
import { LedgerWriter } from '../support/ledger-writer.ts';

const POOL_PORT = 6432;
const WHOLE_AGAIN_MS = 90_000;
const statusSchema = z.object({ leader: z.string().nullable(), isDegraded: z.boolean() });
const urlSchema = z.object({ DATABASE_POOL_URL: z.string() });

/** A guard on each host; the synchronous standby takes over as soon as the old primary is surely gone. */
describe('the guard', () => {
  let cluster: LabCluster;

  beforeAll(async () => {
    cluster = await bootLab('e2e-guard', 3);
    await cluster.init();
    const applied = await cluster.pgscale('apply', '--yes');
    if (applied.status !== 0) throw new Error(applied.stderr);
  });
  afterAll(async () => {
    await cluster[Symbol.asyncDispose]();
  });

  async function status(): Promise<z.output<typeof statusSchema>> {
    return statusSchema.parse(JSON.parse((await cluster.pgscale('status', '--json')).stdout));
  }

  async function whole(): Promise<string> {
    for (const endsAt = Date.now() + WHOLE_AGAIN_MS; Date.now() < endsAt;) {
      const { leader, isDegraded } = await status();
      if (leader !== null && !isDegraded) return leader;
      await sleep(1000);
    }
    throw new Error((await cluster.pgscale('status')).stdout);
  }

  async function writer(): Promise<LedgerWriter> {
    const urls = urlSchema.parse(await cluster.pgscaleJson('url'));
    const { username, password, pathname } = new URL(urls.DATABASE_POOL_URL);
    const started = new LedgerWriter({
      host: cluster.lab.vips.pool,
      port: POOL_PORT,
      user: username,
      password: decodeURIComponent(password),
      database: pathname.slice(1),
      ssl: { rejectUnauthorized: false },
    });
    await started.start();
    return started;
  }

  it('a killed postmaster: writes again at once, nothing that was acknowledged is lost, the old primary follows', async () => {
    const before = await whole();
    await using ledger = await writer();
    await sleep(1000);
    const data = '/var/lib/postgresql/18/e2e-guard';
    const faultMs = Number(
      (await cluster.on(before, `date +%s%3N; kill -9 $(head -n1 ${data}/postmaster.pid)`)).split('\n')[0],
    );
    await sleep(11_000);
    expect(ledger.firstWriteElsewhereMs(faultMs)).toBeLessThan(10_000);
    expect(await cluster.on(before, 'journalctl -u pgscale-guard -o cat')).toMatch(
      /nothing is left running: revoking lease/u,
    );
    expect(await whole()).not.toBe(before);
    expect(await ledger.lost()).toEqual([]);
  });

  it('a Patroni that is killed and comes back changes nothing', async () => {
    const before = await whole();
    const since = await cluster.on(before, 'date +%s');
    await cluster.on(before, 'kill -9 $(systemctl show -P MainPID patroni)');
    await sleep(8000);
    expect(await whole()).toBe(before);
    expect(await cluster.on(before, `journalctl -u pgscale-guard -o cat --since @${since}`)).not.toMatch(
      /ending Patroni/u,
    );
  });

  it('`why` and `failover` leave a primary alone that works', async () => {
    const before = await whole();
    expect(await cluster.pgscaleJson('why')).toMatchObject({ leader: before, reasons: [] });
    const refused = await cluster.pgscale('failover', '--yes');
    expect(refused.status).toBe(4);
    expect(refused.stderr).toContain('PGS_PRIMARY_HEALTHY');
  });
});
