import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { execa } from 'execa';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

import { bootLab, type LabCluster } from '../support/lab-cluster.ts';

/**
 * A cluster in which every role has hosts of its own, on other ports than the usual ones, and only one endpoint has a
 * VIP: what clients see of it. The tests build on each other, in order, on one lab.
 */
let cluster: LabCluster;
let urls: Record<'DATABASE_URL' | 'DATABASE_REPLICA_URL' | 'DATABASE_POOL_URL', string>;

const urlsSchema = z.object({
  DATABASE_URL: z.string(),
  DATABASE_REPLICA_URL: z.string(),
  DATABASE_POOL_URL: z.string(),
});
const statusSchema = z.object({
  isDegraded: z.boolean(),
  leader: z.string().nullable(),
  durability: z.object({ guarantee: z.string() }),
  drift: z.object({ hostsBehind: z.array(z.string()), changedFiles: z.array(z.unknown()) }),
  problems: z.array(z.object({ id: z.string(), host: z.string().optional() })),
});

const NO_DRIFT = { hostsBehind: [], changedFiles: [] };

function spec({ lab }: LabCluster): string {
  const roles = ['[database]', '[database]', '[dcs]', '[proxy]'];
  const hosts = lab.hosts.map(
    ({ name, address, zone }, index) =>
      `  - { name: ${name}, address: ${address}, zone: ${zone}, roles: ${roles[index] ?? ''} }`,
  );
  return [
    'cluster: e2e-routing',
    `ssh: { user: ${lab.ssh.user}, identityFile: ${lab.ssh.identityFile}, knownHosts: ${lab.ssh.knownHosts} }`,
    `hosts:\n${hosts.join('\n')}`,
    'postgres: { port: 5544 }',
    'failover: { restPort: 8118 }',
    'pooler: { clients: 200, backends: 20, processes: 3 }',
    `endpoints: { primary: { port: 7000 }, replica: { port: 7001 }, pool: { vip: ${lab.vips.pool}, port: 7432 } }`,
    'databases: [{ name: app, owner: app }]',
    'roles: [{ name: app }]\n',
  ].join('\n');
}

beforeAll(async () => {
  cluster = await bootLab('e2e-routing', 4);
  await writeFile(join(cluster.directory, 'pgscale.yaml'), spec(cluster));
  await cluster.pgscaleJson('secret', 'generate');
});

afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
});

/** psql with a URL, as text without padding; throws with its message. */
async function psql(url: string, sql: string): Promise<string> {
  const { stdout } = await execa('psql', [url, '-XAtc', sql], { cwd: cluster.directory });
  return stdout;
}

async function status(): Promise<z.output<typeof statusSchema> & { exit: number; ids: string[] }> {
  const answer = await cluster.pgscale('status', '--json');
  const picture = statusSchema.parse(JSON.parse(answer.stdout));
  const ids = picture.problems.map(({ id, host }) => (host === undefined ? id : `${id} ${host}`));
  return { ...picture, exit: answer.status, ids };
}

describe('roles on hosts of their own', () => {
  it('comes up by one apply, healthy and without drift', async () => {
    expect(await cluster.pgscale('apply', '--yes')).toMatchObject({ status: 0 });
    expect(await status()).toMatchObject({
      exit: 0,
      ids: [],
      leader: 'pg1',
      drift: NO_DRIFT,
      durability: { guarantee: 'synchronous' },
    });
  });

  it('psql connects to every URL, the certificate verified', async () => {
    urls = urlsSchema.parse(await cluster.pgscaleJson('url', '--ca', 'ca.crt'));
    const where = 'select pg_is_in_recovery(), (select ssl from pg_stat_ssl where pid = pg_backend_pid())';
    expect(await psql(urls.DATABASE_URL, where)).toBe('f|t');
    expect(await psql(urls.DATABASE_REPLICA_URL, where)).toBe('t|t');
    expect(await psql(urls.DATABASE_POOL_URL, where)).toBe('f|t');
  });

  it('postgres.js takes the replica URL for read-only, as it asks for', async () => {
    const ca = await readFile(join(cluster.directory, 'ca.crt'), 'utf8');
    const url = urls.DATABASE_REPLICA_URL.replace(/sslmode=[^&]*&sslrootcert=[^&]*/u, 'sslmode=require');
    const sql = postgres(url, { ssl: { ca }, max: 1 });
    try {
      expect(await sql`select pg_is_in_recovery() as standby`).toMatchObject([{ standby: true }]);
    } finally {
      await sql.end();
    }
  });

  it('the pool leads to a standby by the read-only name of a database', async () => {
    expect(await psql(urls.DATABASE_POOL_URL.replace('/app?', '/app_ro?'), 'select pg_is_in_recovery()')).toBe('t');
  });

  it('without TLS, with a wrong password and as a superuser nobody comes in', async () => {
    const refused = async (url: string): Promise<string> =>
      psql(url, 'select 1').catch((error: unknown) => (error as { stderr: string }).stderr);
    const plain = (url: string): string => url.replace(/sslmode=[^&]*/u, 'sslmode=disable');
    expect(await refused(plain(urls.DATABASE_URL))).toContain('no encryption');
    expect(await refused(plain(urls.DATABASE_POOL_URL))).toContain('SSL required');
    expect(await refused(urls.DATABASE_POOL_URL.replace(/app:[^@]*@/u, 'app:wrong@'))).toContain(
      'authentication failed',
    );
    expect(await refused(urls.DATABASE_POOL_URL.replace(/app:[^@]*@/u, 'postgres:x@'))).toContain('no such user');
  });

  it('a cancel request finds its session, whichever process it reaches', async () => {
    const cancelled = Array.from({ length: 6 }, async () => {
      const query = execa('psql', [urls.DATABASE_POOL_URL, '-XAtc', 'select pg_sleep(20)'], {
        cwd: cluster.directory,
        reject: false,
      });
      setTimeout(() => query.kill('SIGINT'), 2000);
      return (await query).stderr;
    });
    const started = Date.now();
    for (const stderr of await Promise.all(cancelled))
      expect(stderr).toContain('canceling statement due to user request');
    expect(Date.now() - started).toBeLessThan(15_000);
  });
});

describe('psql and lag', () => {
  it('a session on an endpoint and on a member', async () => {
    const who = 'select current_user, pg_is_in_recovery()';
    expect((await cluster.pgscale('psql', '--endpoint', 'replica', '--command', who)).stdout).toMatch(/app +\| t/u);
    expect((await cluster.pgscale('psql', '--member', 'pg1', '--command', who)).stdout).toMatch(/postgres +\| f/u);
  });

  it('lag names the standbys, and fails over a limit', async () => {
    const { status: fine, stdout } = await cluster.pgscale('lag', '--max-bytes', '1000000000', '--json');
    expect(fine).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ primary: 'pg1', standbys: [{ name: 'pg2', state: 'streaming' }] });
    // Not pg_wal_replay_pause(): Patroni resumes a replay that is paused, at its next loop.
    const startup = 'pkill -f "^postgres: .*startup recovering"';
    await cluster.on('pg2', `${startup} -STOP`);
    try {
      await psql(urls.DATABASE_URL, 'create table lagging as select generate_series(1, 100000)');
      const over = await cluster.pgscale('lag', '--max-bytes', '1000', '--json');
      expect(over.status).toBe(3);
    } finally {
      await cluster.on('pg2', `${startup} -CONT`);
    }
  });
});

describe('changes of the spec', () => {
  async function change(from: string, to: string): Promise<void> {
    const path = join(cluster.directory, 'pgscale.yaml');
    const text = await readFile(path, 'utf8');
    expect(text).toContain(from);
    await writeFile(path, text.replace(from, to));
    expect(await cluster.pgscale('apply', '--yes')).toMatchObject({ status: 0 });
  }

  it('a larger pool reaches running poolers, and no client notices', async () => {
    const ca = await readFile(join(cluster.directory, 'ca.crt'), 'utf8');
    const sql = postgres(urls.DATABASE_POOL_URL.replace(/\?.*/u, ''), { ssl: { ca }, max: 1, prepare: false });
    try {
      await sql`select 1`;
      let isLost = false;
      sql.options.onclose = () => (isLost = true);
      await change('clients: 200', 'clients: 300');
      await sql`select 1`;
      expect(isLost).toBe(false);
    } finally {
      await sql.end();
    }
    const limit = await cluster.on(
      'pg1',
      `runuser -u postgres -- psql -Atc 'show config' -h /run/pgscale-pgbouncer/2 -p 7432 -U pgbouncer pgbouncer | grep ^max_client_conn`,
    );
    // A tenth more than its share, because the kernel deals connections out unevenly.
    expect(limit).toContain('max_client_conn|110|');
  });

  it('fewer processes: the others are gone, and plan is empty', async () => {
    await change('processes: 3', 'processes: 1');
    expect(await cluster.on('pg1', 'systemctl list-units --plain --no-legend "pgscale-pgbouncer@*" | wc -l')).toBe('1');
    expect(await status()).toMatchObject({ exit: 0, ids: [], drift: NO_DRIFT });
  });
});

describe('what is down is said', () => {
  it('the proxy', async () => {
    await cluster.on(cluster.lab.hosts[3]!.name, 'systemctl stop haproxy');
    const found = await status();
    expect(found.exit).toBe(3);
    expect(found.ids).toEqual(expect.arrayContaining(['endpoint-down', 'proxy-down pg4']));
    await cluster.on(cluster.lab.hosts[3]!.name, 'systemctl start haproxy');
  });

  it('a standby without power', async () => {
    await cluster.pgscale('lab', 'kill', '--name', 'e2e-routing', 'pg2');
    // At once the host; the primary takes the loss of the connection for granted after wal_sender_timeout.
    expect(await status()).toMatchObject({ exit: 3, ids: expect.arrayContaining(['host-unreachable pg2']) as unknown });
    const missing = async (): Promise<readonly string[]> => (await status()).ids;
    await expect.poll(missing, { timeout: 60_000, interval: 1000 }).toContain('standby-missing pg2');
  });
});
