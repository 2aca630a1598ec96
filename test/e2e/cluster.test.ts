import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

import { bootLab, type LabCluster } from '../support/lab-cluster.ts';

/** The main job: three bare hosts become a cluster. The tests build on each other, in order, on one lab. */
let cluster: LabCluster;

const urlsSchema = z.object({
  DATABASE_URL: z.string(),
  DATABASE_REPLICA_URL: z.string(),
  DATABASE_POOL_URL: z.string(),
});

const planSchema = z.object({ changeCount: z.number(), steps: z.array(z.object({ title: z.string() })) });

beforeAll(async () => {
  cluster = await bootLab('e2e-main', 3);
  await cluster.init();
});

afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
});

async function editSpec(change: (text: string) => string): Promise<void> {
  const path = join(cluster.directory, 'pgscale.yaml');
  await writeFile(path, change(await readFile(path, 'utf8')));
}

async function query(url: string, text: string, ssl: pg.ClientConfig['ssl']): Promise<Record<string, unknown>[]> {
  const { username, password, hostname, port, pathname } = new URL(url);
  const client = new pg.Client({
    user: username,
    password: decodeURIComponent(password),
    host: hostname,
    port: Number(port),
    database: pathname.slice(1),
    ssl,
    connectionTimeoutMillis: 10_000,
  });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

async function verified(): Promise<{ urls: z.output<typeof urlsSchema>; ssl: { ca: string } }> {
  const urls = urlsSchema.parse(await cluster.pgscaleJson('url', '--ca', 'ca.crt'));
  return { urls, ssl: { ca: await readFile(join(cluster.directory, 'ca.crt'), 'utf8') } };
}

/** Start times of every process that must survive a run without changes. */
async function processes(): Promise<string[]> {
  const units = 'etcd patroni haproxy keepalived pgscale-pgbouncer@1';
  const script = `systemctl show -p Id,MainPID,ActiveEnterTimestampMonotonic ${units}; head -n 1 $(ls -d /var/lib/postgresql/18/*/postmaster.pid); stat -c '%n %Y' /etc/pgscale/*/*`;
  return Promise.all(cluster.lab.hosts.map(({ name }) => cluster.on(name, script)));
}

describe('apply', () => {
  it('finds bare hosts fit', async () => {
    const { status, stdout, stderr } = await cluster.pgscale('check', '--json');
    expect(status, stdout + stderr).toBe(0);
  });

  it('says in the plan what it will do, with exit status 10', async () => {
    const { status, stdout } = await cluster.pgscale('plan', '--json');
    expect(status).toBe(10);
    const titles = planSchema.parse(JSON.parse(stdout)).steps.map(({ title }) => title);
    expect(titles).toContain('Initialise the primary on pg1');
    expect(titles).toContain('Standby on pg2');
  });

  it('makes a cluster of them', async () => {
    const { status, stdout, stderr } = await cluster.pgscale('apply', '--yes', '--json');
    expect(status, stdout.slice(-4000) + stderr).toBe(0);
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => z.object({ event: z.string().optional() }).loose().parse(JSON.parse(line)));
    expect(events.filter(({ event }) => event === 'failed')).toEqual([]);
    expect(events.some(({ event, step }) => event === 'done' && step === 'seed:pg3')).toBe(true);
  });

  it('changes nothing the second time: same processes, same files', async () => {
    const before = await processes();
    const { status, stdout } = await cluster.pgscale('apply', '--yes', '--json');
    expect(status, stdout).toBe(0);
    expect(stdout).toContain('"changeCount":0');
    expect(await processes()).toEqual(before);
    expect((await cluster.pgscale('plan')).status).toBe(0);
  });
});

describe('endpoints', () => {
  it('writes through primary, reads through replica, both through pool, certificates verified', async () => {
    const { urls, ssl } = await verified();
    await query(urls.DATABASE_URL, 'create table t (id int primary key, said text)', ssl);
    await query(urls.DATABASE_URL, `insert into t values (1, 'primary')`, ssl);
    await query(urls.DATABASE_POOL_URL, `insert into t values (2, 'pool')`, ssl);
    expect(await query(urls.DATABASE_POOL_URL, 'select count(*)::int as n from t', ssl)).toEqual([{ n: 2 }]);
    const [row] = await query(urls.DATABASE_REPLICA_URL, 'select pg_is_in_recovery() as standby', ssl);
    expect(row).toEqual({ standby: true });
    await expect
      .poll(() => query(urls.DATABASE_REPLICA_URL, 'select id from t order by id', ssl), { timeout: 15_000 })
      .toEqual([{ id: 1 }, { id: 2 }]);
  });

  it('refuses connections without TLS, and a wrong password', async () => {
    const { urls, ssl } = await verified();
    for (const url of Object.values(urls)) {
      await expect(query(url, 'select 1', false)).rejects.toThrow(/no encryption|TLS|SSL|no pg_hba/iu);
      const wrong = new URL(url);
      wrong.password = 'not-the-password';
      await expect(query(wrong.href, 'select 1', ssl)).rejects.toThrow(/password|SASL|auth/iu);
    }
  });

  it('has the first standby synchronous and the other asynchronous', async () => {
    const states = await cluster.on(
      'pg1',
      `runuser -u postgres -- psql -XAtc "select sync_state from pg_stat_replication order by 1" `,
    );
    expect(states.split('\n')).toHaveLength(2);
    expect(states).toMatch(/sync|quorum/u);
  });
});

describe('status', () => {
  it('is healthy, with exit status 0', async () => {
    const { status, stdout, stderr } = await cluster.pgscale('status', '--json');
    expect(status, stdout + stderr).toBe(0);
  });
});

describe('a changed parameter', () => {
  it('shows as a diff, is reloaded, and is in force on every member', async () => {
    await editSpec((text) => text.replace('parameters: {}', 'parameters:\n    work_mem: 7MB'));
    const plan = await cluster.pgscale('plan');
    expect(plan.status).toBe(10);
    expect(plan.stdout).toMatch(/\+\s*work_mem = '?7MB/u);
    expect(plan.stdout).toContain('No interruption is expected');
    expect((await cluster.pgscale('apply', '--yes')).status).toBe(0);
    for (const { name } of cluster.lab.hosts) {
      expect(await cluster.on(name, `runuser -u postgres -- psql -XAtc 'show work_mem'`)).toBe('7MB');
    }
  });

  it('restarts PostgreSQL where only a restart changes it', async () => {
    await editSpec((text) => text.replace('work_mem: 7MB', 'work_mem: 7MB\n    max_connections: 333'));
    const plan = await cluster.pgscale('plan');
    expect(plan.stdout).toContain('Restart PostgreSQL on pg1');
    const { status, stderr } = await cluster.pgscale('apply', '--yes');
    expect(status, stderr).toBe(0);
    for (const { name } of cluster.lab.hosts) {
      expect(await cluster.on(name, `runuser -u postgres -- psql -XAtc 'show max_connections'`)).toBe('333');
    }
    expect((await cluster.pgscale('plan')).status).toBe(0);
  });

  it('refuses a plan file that is stale', async () => {
    await editSpec((text) => text.replace('work_mem: 7MB', 'work_mem: 8MB'));
    expect((await cluster.pgscale('plan', '--out', 'a.plan')).status).toBe(10);
    await editSpec((text) => text.replace('work_mem: 8MB', 'work_mem: 9MB'));
    const { status, stderr } = await cluster.pgscale('apply', 'a.plan', '--yes');
    expect(stderr).toContain('PGS_PLAN_STALE');
    expect(status).toBe(4);
    expect((await cluster.pgscale('plan', '--out', 'b.plan')).status).toBe(10);
    expect((await cluster.pgscale('apply', 'b.plan', '--yes')).status).toBe(0);
  });

  it('is told to every member by the next run when one was killed before it told anybody', async () => {
    await editSpec((text) => text.replace('work_mem: 9MB', 'work_mem: 6MB'));
    const run = cluster.start('apply', '--yes');
    await run.seen(({ event, step }) => event === 'progress' && step === 'postgres:pg2');
    run.signal('SIGKILL');
    await run.ended;
    const { status, stderr } = await cluster.pgscale('apply', '--yes', '--lock-wait', '1m');
    expect(status, stderr).toBe(0);
    for (const { name } of cluster.lab.hosts) {
      expect(await cluster.on(name, `runuser -u postgres -- psql -XAtc 'show work_mem'`)).toBe('6MB');
      expect(await cluster.on(name, 'ls -A /run/pgscale/notices')).toBe('');
    }
    expect((await cluster.pgscale('plan')).status).toBe(0);
  });
});

describe('destroy', () => {
  it('asks for the name of the cluster', async () => {
    const { status } = await cluster.pgscale('destroy', '--yes', '--cluster', 'another');
    expect(status).toBe(2);
  });

  it('leaves nothing but packages', async () => {
    const { status, stderr } = await cluster.pgscale('destroy', '--yes', '--cluster', 'e2e-main');
    expect(status, stderr).toBe(0);
    const left = await cluster.on(
      'pg1',
      'ls -d /etc/pgscale /var/lib/postgresql/18/* /var/lib/etcd/pgscale /etc/systemd/system/*pgscale* /etc/systemd/system/*.d/pgscale.conf 2>/dev/null; ss -Hltn | grep -E ":(5432|6432|8008|2379) " ; true',
    );
    expect(left).toBe('');
  });
});
