import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import pg from 'pg';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

import { backupArgs } from '../support/backup-lab.ts';
import { bootLab, type LabCluster } from '../support/lab-cluster.ts';

/** Specs unlike the examples: one host, separate dcs and proxy hosts, other ports, other clients. One lab for all. */
let cluster: LabCluster;

beforeAll(async () => {
  cluster = await bootLab('e2e-variety', 5);
});

afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
});

const urlsSchema = z.object({
  DATABASE_URL: z.string(),
  DATABASE_REPLICA_URL: z.string(),
  DATABASE_POOL_URL: z.string(),
});
const sideSchema = z.object({ host: z.string(), port: z.number() });
type Urls = z.output<typeof urlsSchema>;

const address = (name: string): string => cluster.lab.hosts.find((each) => each.name === name)?.address ?? '';

/** Writes NAME.yaml by `init`, then changes its text. */
async function writeSpec(name: string, init: readonly string[], change: (text: string) => string): Promise<void> {
  const { identityFile, knownHosts } = cluster.lab.ssh;
  const common = ['-c', `${name}.yaml`, '--cluster', name, '--identity', identityFile, '--known-hosts', knownHosts];
  const { status, stdout, stderr } = await cluster.pgscale('init', ...common, '--database', 'shop', ...init);
  expect(status, stdout + stderr).toBe(0);
  const path = join(cluster.directory, `${name}.yaml`);
  await writeFile(path, change(await readFile(path, 'utf8')));
}

async function expectStatus(wanted: number, ...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await cluster.pgscale(...args);
  expect(status, `pgscale ${args.join(' ')}\n${stdout.slice(-3000)}${stderr.slice(-3000)}`).toBe(wanted);
  return stdout + stderr;
}

/** Makes the cluster, and proves that it is healthy and that there is nothing left to do. */
async function applied(spec: string, statusWanted = 0): Promise<{ urls: Urls; ca: string }> {
  await expectStatus(0, 'check', '-c', spec);
  await expectStatus(0, 'apply', '--yes', '-c', spec);
  expect(await expectStatus(0, 'apply', '--yes', '-c', spec)).toContain('No changes');
  await expectStatus(statusWanted, 'status', '-c', spec);
  const urls = urlsSchema.parse(await cluster.pgscaleJson('url', '--ca', 'ca.crt', '-c', spec));
  return { urls, ca: await readFile(join(cluster.directory, 'ca.crt'), 'utf8') };
}

/** One statement by node-postgres, which knows one host only: the first of the URL. */
async function byNodePostgres(url: string, ca: string, text: string): Promise<unknown[]> {
  const [, user = '', password = '', host = '', port] = /^postgres:\/\/([^:]+):([^@]+)@([^:,]+):(\d+)/u.exec(url) ?? [];
  const client = new pg.Client({
    user,
    password: decodeURIComponent(password),
    host,
    port: Number(port),
    database: 'shop',
    ssl: { ca },
    connectionTimeoutMillis: 15_000,
  });
  await client.connect();
  try {
    return (await client.query<unknown[]>({ text, rowMode: 'array' })).rows.flat();
  } finally {
    await client.end();
  }
}

describe('one host, root, other places', () => {
  const spec = 'solo-1.yaml';
  let urls: Urls;
  let ca: string;

  it('refuses a data directory that is no absolute path, where it stands', async () => {
    const init = ['--user', 'root', '--host', `pg1=${address('pg1')}`, ...backupArgs(cluster.lab)];
    await writeSpec('solo-1', init, (text) => text.replace('port: 5432', 'port: 5499\n  dataDirectory: data/pg'));
    expect(await expectStatus(2, 'check', '-c', spec)).toMatch(
      /solo-1\.yaml:\d+:\d+ postgres\.dataDirectory: expected an absolute path/u,
    );
  });

  it('becomes a cluster of one', async () => {
    const path = join(cluster.directory, spec);
    await writeFile(path, (await readFile(path, 'utf8')).replace('data/pg', '/srv/pg/data'));
    // Degraded: there is no backup yet.
    ({ urls, ca } = await applied(spec, 3));
    await byNodePostgres(urls.DATABASE_URL, ca, 'create table t (id int)');
    expect(await byNodePostgres(urls.DATABASE_POOL_URL, ca, 'insert into t values (7) returning id')).toEqual([7]);
    expect(await cluster.on('pg1', 'cat /srv/pg/data/PG_VERSION')).toBe('18');
    expect(await cluster.on('pg1', 'ss -Hltn | grep -c ":5432 " || true')).toBe('0');
  });

  it('is backed up, and a table comes back from the moment before an accident', async () => {
    await expectStatus(0, 'backup', 'create', '-c', spec);
    await expectStatus(0, 'status', '-c', spec);
    await expectStatus(0, 'restore-point', 'create', 'before', '-c', spec);
    await byNodePostgres(urls.DATABASE_URL, ca, 'delete from t');
    const side = sideSchema.parse(await cluster.pgscaleJson('restore', '--name', 'before', '--yes', '-c', spec));
    const query = `runuser -u postgres -- psql -XAtq -p ${side.port} -d shop -c 'table t'`;
    expect(await cluster.on(side.host, query)).toBe('7');
    await expectStatus(0, 'restore', 'table', 't', '--yes', '-c', spec);
    expect(await byNodePostgres(urls.DATABASE_URL, ca, 'table restored.t')).toEqual([7]);
    await expectStatus(0, 'restore', 'drop', 'side', '--yes', '-c', spec);
  });

  it('goes away without a trace', async () => {
    await expectStatus(0, 'destroy', '--yes', '--cluster', 'solo-1', '-c', spec);
    const left =
      'ls -d /etc/pgscale /srv/pg/data* /etc/systemd/system/*pgscale* 2>/dev/null; ss -Hltn | grep -v ":22 "; true';
    expect(await cluster.on('pg1', left)).toBe('');
  });
});

describe('two database hosts, three dcs hosts of which one is the proxy, every port another', () => {
  const spec = 'wide.yaml';
  let urls: Urls;
  let ca: string;

  beforeAll(async () => {
    const roles = { pg1: 'database', pg2: 'database', pg3: 'dcs', pg4: 'dcs', pg5: 'dcs+proxy' };
    const hosts = Object.entries(roles).flatMap(([name, role]) => [
      '--host',
      `${name}=${address(name)},zone=${name === 'pg1' ? 'a' : 'b'},roles=${role}`,
    ]);
    const ports = ['primary=7000', 'replica=7001', 'pool=7432'].flatMap((each) => ['--endpoint-port', each]);
    await writeSpec('wide', ['--user', 'ops', ...hosts, ...ports], (text) =>
      text
        .replace('port: 5432', 'port: 5544')
        .replace('profile: fast', 'profile: fast\n  restPort: 9008')
        .replace('endpoints:', 'dcs: { clientPort: 12379, peerPort: 12380 }\n\nendpoints:'),
    );
    ({ urls, ca } = await applied(spec));
  });

  it('has every component only where its role is, on the ports of the spec', async () => {
    const listening = async (name: string): Promise<string> =>
      cluster.on(
        name,
        `ss -Hltn | grep -F '${address(name)}:' | sed 's/.*${address(name)}:\\([0-9]*\\).*/\\1/' | sort -nu | tr '\\n' ' '`,
      );
    expect(await listening('pg1')).toBe('5544 7432 9008');
    expect(await listening('pg2')).toBe('5544 7432 9008');
    expect(await listening('pg3')).toBe('12379 12380');
    expect(await listening('pg5')).toBe('7000 7001 12379 12380');
    expect(await cluster.on('pg3', 'dpkg -l postgresql-18 pgbouncer haproxy 2>/dev/null | grep -c ^ii || true')).toBe(
      '0',
    );
  });

  it('is served to node-postgres and to postgres.js, which knows several hosts', async () => {
    await byNodePostgres(urls.DATABASE_URL, ca, 'create table if not exists t (id int)');
    expect(await byNodePostgres(urls.DATABASE_REPLICA_URL, ca, 'select pg_is_in_recovery()')).toEqual([true]);
    const [, login = ''] = /^postgres:\/\/([^@]+)@/u.exec(urls.DATABASE_URL) ?? [];
    // As JDBC's targetServerType=primary: all members, of which the client finds the one that takes writes.
    const members = `postgres://${login}@${address('pg2')}:5544,${address('pg1')}:5544/shop`;
    const sql = postgres(members, { ssl: { ca }, target_session_attrs: 'primary', max: 1, connect_timeout: 15 });
    try {
      expect(await sql`insert into t values (1) returning id`).toMatchObject([{ id: 1 }]);
    } finally {
      await sql.end();
    }
  });

  it('is served to psql with several hosts, and to pgbench with prepared statements through the pool', async () => {
    const local = (url: string): string => url.replace(/sslrootcert=[^&]+/u, 'sslrootcert=/etc/pgscale/pki/ca.crt');
    const pool = local(urls.DATABASE_POOL_URL);
    expect(pool).toContain(`${address('pg1')}:7432,${address('pg2')}:7432`);
    expect(await cluster.on('pg1', `psql -XAtc 'select count(*) from t' '${pool}'`)).toBe('1');
    await cluster.on('pg2', `pgbench -q -i -s 1 '${local(urls.DATABASE_URL)}'`);
    const bench = await cluster.on('pg2', `pgbench -M prepared -c 8 -j 2 -t 25 '${pool}' 2>&1`);
    expect(bench).toContain('number of transactions actually processed: 200/200');
    expect(bench).toContain('number of failed transactions: 0');
  });

  it('changes one parameter without an interruption', async () => {
    const path = join(cluster.directory, spec);
    await writeFile(path, (await readFile(path, 'utf8')).replace('parameters: {}', 'parameters: { work_mem: 9MB }'));
    expect(await expectStatus(10, 'plan', '-c', spec)).toContain('No interruption is expected');
    await expectStatus(0, 'apply', '--yes', '-c', spec);
    expect(await byNodePostgres(urls.DATABASE_REPLICA_URL, ca, 'show work_mem')).toEqual(['9MB']);
  });
});
