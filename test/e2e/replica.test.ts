import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

import { bootLab, type LabCluster } from '../support/lab-cluster.ts';
import { LedgerWriter } from '../support/ledger-writer.ts';
import { poolLogin } from '../support/pool-login.ts';

const LAB = 'e2e-replica';
/** The servers of one HAProxy: `backend/member STATE`, in order. */
const PROXY_STATES = `curl --silent --unix-socket /run/haproxy/stats.sock 'http://localhost/;csv' | awk -F, '$1 ~ /^postgres_/ && $2 != "BACKEND" { print $1 "/" $2 " " $18 }' | sort`;

/** A fourth member comes and goes while clients write through the pool endpoint, and none of them notices. */
describe('replica add and remove under a writer', () => {
  let cluster: LabCluster;
  let ledger: LedgerWriter;
  let specBefore: string;

  beforeAll(async () => {
    cluster = await bootLab(LAB, 4);
    await cluster.init({ hosts: ['pg1', 'pg2', 'pg3'] });
    const applied = await cluster.pgscale('apply', '--yes');
    if (applied.status !== 0) throw new Error(applied.stderr);
    specBefore = await spec();
    ledger = new LedgerWriter(await poolLogin(cluster));
    await ledger.start();
  });
  afterAll(async () => {
    try {
      await ledger[Symbol.asyncDispose]();
    } finally {
      await cluster[Symbol.asyncDispose]();
    }
  });

  const spec = (): Promise<string> => readFile(join(cluster.directory, 'pgscale.yaml'), 'utf8');
  const healthy = (): Promise<void> =>
    expect.poll(() => cluster.pgscale('status'), { timeout: 60_000, interval: 1000 }).toMatchObject({ status: 0 });

  it('adds a member: one line more in the spec, the same URLs, a healthy cluster', async () => {
    const urls = await cluster.pgscaleJson('url');
    const address = cluster.lab.hosts.find(({ name }) => name === 'pg4')?.address ?? '';
    const added = await cluster.pgscale('replica', 'add', `pg4=${address},zone=a`, '--yes');
    expect(added.status, added.stderr).toBe(0);
    const lines = (await spec()).split('\n');
    const [line] = lines.filter((each) => each.includes('pg4'));
    expect(lines.filter((each) => each !== line)).toEqual(specBefore.split('\n'));
    expect(await cluster.pgscaleJson('url')).toEqual(urls);
    await healthy();
    expect((await cluster.pgscale('plan')).status).toBe(0);
  });

  it('refuses the primary, and a member whose vote in etcd nobody takes over', async () => {
    const { leader } = z.object({ leader: z.string() }).parse(await cluster.pgscaleJson('status'));
    const primary = await cluster.pgscale('replica', 'remove', leader, '--dcs-to', 'pg4', '--yes', '--cluster', LAB);
    expect(primary).toMatchObject({ status: 4 });
    expect(primary.stderr).toContain('switchover');
    const vote = await cluster.pgscale('replica', 'remove', 'pg3', '--yes', '--cluster', LAB);
    expect(vote).toMatchObject({ status: 4 });
    expect(vote.stderr).toContain('host replace');
  });

  it('drains it before it is removed: no proxy leads to it, in the backend of the zone neither', async () => {
    const address = cluster.lab.hosts.find(({ name }) => name === 'pg4')?.address ?? '';
    const session = new pg.Client({ ...(await poolLogin(cluster)), host: address, port: 5432 });
    await session.connect();
    const removal = cluster.start('replica', 'remove', 'pg4', '--yes', '--cluster', LAB);
    await removal.seen(({ event, text }) => event === 'progress' && text === '1 session left');
    const states = await cluster.on('pg1', PROXY_STATES);
    expect(states.split('\n').filter((each) => each.includes('/pg4 '))).toEqual([
      'postgres_primary/pg4 DOWN',
      'postgres_replica/pg4 MAINT',
      'postgres_replica_same_zone/pg4 MAINT',
    ]);
    // Given up before anything is gone: it serves again.
    removal.signal('SIGINT');
    expect((await removal.ended).status).not.toBe(0);
    await expect.poll(() => cluster.on('pg1', PROXY_STATES), { timeout: 30_000 }).toContain('_same_zone/pg4 UP');
    await session.query('select 1');
    await session.end();
  });

  it('removes it again: the spec as before, no slot, no member, nothing on the host', async () => {
    const removed = await cluster.pgscale('replica', 'remove', 'pg4', '--yes', '--cluster', LAB);
    expect(removed.status, removed.stderr).toBe(0);
    expect(await spec()).toBe(specBefore);
    await healthy();
    expect((await cluster.pgscale('plan')).status).toBe(0);
    const { leader } = z.object({ leader: z.string() }).parse(await cluster.pgscaleJson('status'));
    const slots = `runuser -u postgres -- psql -XAtc "select slot_name from pg_replication_slots where slot_name = 'pg4'"`;
    expect(await cluster.on(leader, slots)).toBe('');
    expect(await cluster.on('pg4', `ls /etc/pgscale /var/lib/postgresql/18/${LAB} 2>/dev/null; true`)).toBe('');
  });

  it('no client had an error, and nothing that was acknowledged is lost', async () => {
    expect(ledger.acknowledged.length).toBeGreaterThan(100);
    expect(await ledger.lost()).toEqual([]);
    expect([...ledger.errors]).toEqual([]);
  });
});
