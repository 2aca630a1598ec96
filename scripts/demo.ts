/**
 * `npm run demo`: the whole way from nothing to a running cluster, with the same commands that a user types. It boots
 * three hosts in the lab, writes a spec, applies it, shows the status and the URLs, and proves with a real client that
 * the endpoints work. The lab stays up for a look; `pgscale lab down --name demo` removes it.
 */
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import chalk from 'chalk';
import { execa } from 'execa';
import pg from 'pg';
import { z } from 'zod';

const LAB = 'demo';
const DIRECTORY = join(import.meta.dirname, '..', 'demo');
const PGSCALE = join(import.meta.dirname, '..', 'bin', 'run.js');

const labSchema = z.object({
  domain: z.string(),
  ssh: z.object({ user: z.string(), identityFile: z.string(), knownHosts: z.string() }),
  hosts: z.array(z.object({ name: z.string(), address: z.string(), zone: z.string() })),
  vips: z.object({ primary: z.string(), replica: z.string(), pool: z.string() }),
});

const urlsSchema = z.object({
  DATABASE_URL: z.string(),
  DATABASE_REPLICA_URL: z.string(),
  DATABASE_POOL_URL: z.string(),
});

function say(text: string): void {
  console.log(`\n${chalk.bold.blue('▌')} ${chalk.bold(text)}`);
}

/** Runs pgscale as a person would, with its output on this terminal. */
async function pgscale(...args: string[]): Promise<void> {
  console.log(chalk.dim(`$ pgscale ${args.join(' ')}`));
  await execa(process.execPath, [PGSCALE, ...args], { cwd: DIRECTORY, stdio: 'inherit' });
}

async function pgscaleJson(...args: string[]): Promise<unknown> {
  const { stdout } = await execa(process.execPath, [PGSCALE, ...args, '--json'], { cwd: DIRECTORY, stderr: 'inherit' });
  return JSON.parse(stdout);
}

async function bootLab(): Promise<z.output<typeof labSchema>> {
  await pgscale('lab', 'up', '--name', LAB, '--hosts', '3');
  return labSchema.parse(await pgscaleJson('lab', 'status', '--name', LAB));
}

async function writeSpec(lab: z.output<typeof labSchema>): Promise<void> {
  if (existsSync(join(DIRECTORY, 'pgscale.yaml'))) {
    console.log('demo/pgscale.yaml is there already and stays as it is');
    return;
  }
  const hosts = lab.hosts.flatMap(({ name, address, zone }) => ['--host', `${name}=${address},zone=${zone}`]);
  const endpoints = (['primary', 'replica', 'pool'] as const).flatMap((name) => [
    ...['--vip', `${name}=${lab.vips[name]}`],
    ...['--endpoint-host', `${name}=${name}.${lab.domain}`],
  ]);
  const ssh = ['--user', lab.ssh.user, '--identity', lab.ssh.identityFile, '--known-hosts', lab.ssh.knownHosts];
  await pgscale('init', '--cluster', 'demo', ...hosts, ...endpoints, ...ssh, '--database', 'app', '--owner', 'app');
}

/** Runs SQL over a URL just as `pgscale url` printed it (sslmode=verify-full), and shows the first row of each answer. */
async function ask(name: string, url: string, statements: string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    for (const statement of statements) {
      const { rows } = await client.query<Record<string, unknown>>(statement);
      const answer = rows.length === 0 ? '' : `\n         ${chalk.green(JSON.stringify(rows[0]))}`;
      console.log(`${chalk.cyan(name.padEnd(8))} ${statement}${answer}`);
    }
  } finally {
    await client.end();
  }
}

/** Replication to the asynchronous standby takes some milliseconds. */
async function untilReplicated(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    for (let attempt = 0; attempt < 50; attempt += 1) {
      const { rows } = await client.query<{ there: boolean }>(`select to_regclass('hello') is not null as there`);
      if (rows[0]?.there === true) return;
      await sleep(100);
    }
  } finally {
    await client.end();
  }
}

const WHERE =
  'select inet_server_addr() as server, pg_is_in_recovery() as standby, version as tls from pg_stat_ssl where pid = pg_backend_pid()';

async function prove(): Promise<void> {
  const urls = urlsSchema.parse(await pgscaleJson('url', '--ca', 'ca.crt'));
  await ask('primary', urls.DATABASE_URL, [
    'create table if not exists hello (id bigserial primary key, said text, at timestamptz default now())',
    `insert into hello (said) values ('written through primary') returning id, said`,
    WHERE,
  ]);
  await untilReplicated(urls.DATABASE_REPLICA_URL);
  await ask('replica', urls.DATABASE_REPLICA_URL, ['select id, said from hello order by id desc limit 1', WHERE]);
  await ask('pool', urls.DATABASE_POOL_URL, [
    `insert into hello (said) values ('written through pool') returning id, said`,
    'select count(*)::int as rows from hello',
    WHERE,
  ]);
}

await mkdir(DIRECTORY, { recursive: true });
say('Three bare Debian hosts in the lab');
const lab = await bootLab();
say('A spec and its secrets');
await writeSpec(lab);
say('From bare hosts to a PostgreSQL 18 cluster');
await pgscale('apply', '--yes');
say('The cluster');
await pgscale('status');
say('Its three connection URLs');
await pgscale('url', '--ca', 'ca.crt');
say('Proof: a row goes in through one endpoint and comes out through the others, all over verified TLS');
await prove();
say(
  'Done. Look around with `cd demo && ../bin/run.js status`; remove everything with `bin/run.js lab down --name demo`.',
);
