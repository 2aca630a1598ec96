import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

import type { PoolLoad } from '../../scripts/bench/pool-load.ts';
import { bootLab, type LabCluster } from '../support/lab-cluster.ts';
import { startPoolClients } from '../support/pool-clients.ts';

const PGSCALE = join(import.meta.dirname, '..', '..', 'bin', 'run.js');

/** Planned moves of the primary, with clients on the pool endpoint. The tests build on each other. */
let cluster: LabCluster;
let load: PoolLoad;

const switchoverSchema = z.object({
  from: z.string(),
  to: z.string(),
  heldMs: z.number(),
  writeStallMs: z.number().nullable(),
  writerErrors: z.array(z.string()),
  items: z.array(z.object({ item: z.string(), verdict: z.string() })),
});
const leaderSchema = z.object({ leader: z.string().nullable() });

beforeAll(async () => {
  cluster = await bootLab('e2e-switch', 3);
  await cluster.init();
  const applied = await cluster.pgscale('apply', '--yes');
  expect(applied.status, applied.stderr).toBe(0);
  load = await startPoolClients(cluster, 50);
});

afterAll(async () => {
  try {
    await load[Symbol.asyncDispose]();
  } finally {
    await cluster[Symbol.asyncDispose]();
  }
});

async function leader(): Promise<string | null> {
  const { stdout } = await cluster.pgscale('status', '--json');
  return leaderSchema.parse(JSON.parse(stdout)).leader;
}

function errorsOf(looks: ReturnType<PoolLoad['look']>): string[] {
  return looks.flatMap(({ errors }) => errors);
}

describe('switchover', () => {
  it('moves the primary three times and no client of the pool endpoint sees an error', async () => {
    await sleep(1000);
    load.look();
    for (let round = 0; round < 3; round += 1) {
      const before = await leader();
      const done = switchoverSchema.parse(await cluster.pgscaleJson('switchover', '--yes'));
      expect(done.from).toBe(before);
      expect(await leader()).toBe(done.to);
      expect(done.writerErrors).toEqual([]);
      expect(done.writeStallMs).toBeGreaterThan(0);
      expect(done.items.map(({ verdict }) => verdict)).not.toContain('fail');
    }
    expect(errorsOf(load.look())).toEqual([]);
  });

  it('refuses a candidate that is the primary already, and changes nothing', async () => {
    const before = await leader();
    const { status, stderr } = await cluster.pgscale('switchover', '--to', String(before), '--yes');
    expect(status).toBe(4);
    expect(stderr).toContain('is the primary already');
    expect(await leader()).toBe(before);
  });

  it('resumes the clients and stays where it is when a transaction does not end', async () => {
    const before = await leader();
    const open = await load.openTransaction();
    const { status, stderr } = await cluster.pgscale('switchover', '--yes', '--pause-timeout', '1s');
    await open.commit();
    expect(status).not.toBe(0);
    expect(stderr).toContain(`${String(before)} is still the primary; all poolers are resumed`);
    expect(await leader()).toBe(before);
    expect((await cluster.pgscale('pooler', 'status')).status).toBe(0);
  });

  it('lets clients go on within ten seconds when the command is killed while it holds them', async () => {
    load.look();
    const running = execa(process.execPath, [PGSCALE, 'switchover', '--yes'], {
      cwd: cluster.directory,
      reject: false,
    });
    for await (const line of running.iterable({ from: 'stderr' })) {
      if (line.includes('✓ Pause the poolers')) running.kill('SIGKILL');
    }
    expect((await running).signal).toBe('SIGKILL');
    const before = load.transactions;
    await sleep(11_000);
    const looks = load.look();
    expect(Math.max(...looks.map(({ longestMs }) => longestMs))).toBeLessThan(10_000);
    expect(load.transactions).toBeGreaterThan(before + 50);
    expect((await cluster.pgscale('pooler', 'status')).status).toBe(0);
  });

  it('restarts all members rolling, without an error in the pool', async () => {
    load.look();
    const started = await startTimes();
    const { status, stderr } = await cluster.pgscale('restart', '--rolling', '--yes');
    expect(status, stderr).toBe(0);
    const again = await startTimes();
    expect(again.filter((time, index) => time === started[index])).toEqual([]);
    expect(errorsOf(load.look())).toEqual([]);
  });

  it('lost no acknowledged commit in all of it', async () => {
    expect(await load.lostCommits()).toBe(0);
  });
});

/** When PostgreSQL of each member was started. */
async function startTimes(): Promise<string[]> {
  const sql = 'select pg_postmaster_start_time()';
  const psql = ['runuser', '-u', 'postgres', '--', 'psql', '-Atc', sql];
  const { stdout } = await cluster.pgscale('exec', '--json', '--role', 'database', '--', ...psql);
  const { hosts } = z.object({ hosts: z.array(z.object({ stdout: z.string() })) }).parse(JSON.parse(stdout));
  return hosts.map((host) => host.stdout);
}
