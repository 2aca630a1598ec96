import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

import { backupArgs } from '../support/backup-lab.ts';
import { bootLab, type LabCluster } from '../support/lab-cluster.ts';

const OLD = 'e2e-old';
const OLD_HOSTS = ['pg1', 'pg2'];
const NEW_HOSTS = ['pg3', 'pg4'];
const BACKUP_MS = 120_000;
/** Packages of bare hosts come first, on two busy cores. */
const KILLED_MS = 1_200_000;
const errorSchema = z.object({
  error: z.object({ code: z.string(), message: z.string(), why: z.string().optional() }),
});
const urlsSchema = z.object({ DATABASE_URL: z.string(), DATABASE_POOL_URL: z.string() });
const backupsSchema = z.object({
  backups: z.array(z.object({ type: z.string() })),
  windows: z.array(z.object({ missing: z.string().nullable() })),
});
const sideSchema = z.object({ host: z.string(), port: z.number() });

/** Four hosts and the lab's object store: two of them were a cluster, the others become one out of its archive. */
describe('restore into new hosts', () => {
  let cluster: LabCluster;
  let store = '';
  let moment = '';

  beforeAll(async () => {
    cluster = await bootLab(OLD, 4);
    store = join(dirname(cluster.lab.objectStore.caFile), 'data', 'objects');
    await cluster.init({ hosts: OLD_HOSTS, vips: false, args: backupArgs(cluster.lab) });
    for (const name of ['new', 'newer']) await initNew(name, '--config', `${name}.yaml`);
    await succeeds('apply', '--yes');
    await sql('pg1', 'create table ledger (id bigserial primary key, note text); alter table ledger owner to app');
    await sql('pg1', `insert into ledger (note) select 'filler' from generate_series(1, 200000)`);
    await succeeds('backup', 'create', '--type', 'full');
    await sql('pg1', `insert into ledger (note) values ('before')`);
    await sleep(1100);
    moment = new Date().toISOString();
    await sleep(1100);
    await sql('pg1', `insert into ledger (note) values ('after')`);
  });
  afterAll(async () => {
    await cluster[Symbol.asyncDispose]();
  });

  const initNew = (name: string, ...args: string[]): Promise<void> =>
    cluster.init({ cluster: name, hosts: NEW_HOSTS, vips: false, args: [...backupArgs(cluster.lab), ...args] });
  const sql = (host: string, text: string, port = 5432): Promise<string> =>
    cluster.on(host, `runuser -u postgres -- psql -XAtq -v ON_ERROR_STOP=1 -p ${port} -d app -c "${text}"`);
  const notes = (host: string, port?: number): Promise<string> =>
    sql(
      host,
      `select count(*) || ' ' || string_agg(note, ' ' order by id) filter (where note <> 'filler') from ledger`,
      port,
    );
  const archived = async (): Promise<string[]> => {
    const { stdout } = await execa('find', [store, '-path', `*d-archive*d-${OLD}/*`, '-name', 'o-0*']);
    return stdout.split('\n').sort();
  };

  const timelineOf = (path: string): string | undefined => /o-([0-9A-F]{8})/u.exec(path)?.[1];

  async function succeeds(...args: string[]): Promise<void> {
    const { status, stdout, stderr } = await cluster.pgscale(...args);
    expect(status, `pgscale ${args.join(' ')}\n${stdout}\n${stderr}`).toBe(0);
  }

  async function refusal(...args: string[]): Promise<string> {
    const { stdout } = await cluster.pgscale('restore', '--into', 'new', ...args, '--yes', '--json');
    const { code, message, why = '' } = errorSchema.parse(JSON.parse(stdout)).error;
    return `${code} ${message} ${why}`;
  }

  /** Begins a restore and kills it when a host says so. */
  async function killWhen(script: string, ...args: string[]): Promise<void> {
    const run = cluster.start('restore', '--into', 'new', ...args, '--yes');
    await cluster.on('pg3', `for i in $(seq 9000); do if ${script}; then exit 0; fi; sleep 0.05; done; exit 1`);
    run.signal('SIGKILL');
    expect((await run.ended).status).toBe(-1);
  }

  /** All that makes a cluster of its own of it. */
  async function expectWhole(name: string, wanted: string): Promise<void> {
    const config = ['--config', `${name}.yaml`];
    for (const host of NEW_HOSTS) expect(await notes(host)).toBe(wanted);
    // It was begun by the restore; without one the cluster is not as it should be.
    await expectFullBackup(config);
    await succeeds('status', ...config);
    expect((await cluster.pgscale('plan', ...config)).stdout).toContain('No changes');
    await succeeds('backup', 'check', ...config);
    const own = urlsSchema.parse(await cluster.pgscaleJson('url', ...config));
    const others = urlsSchema.parse(await cluster.pgscaleJson('url'));
    const query = 'select count(*) from ledger';
    for (const key of ['DATABASE_URL', 'DATABASE_POOL_URL'] as const) {
      const rows = wanted.split(' ')[0];
      expect((await execa('psql', [own[key], '-XAtc', query])).stdout).toBe(rows);
      const oldPassword = new URL(others[key].replace(/,[^/]*/u, '')).password;
      const withOld = own[key].replace(/:[^:@/]*@/u, `:${oldPassword}@`);
      expect((await execa('psql', [withOld, '-XAtc', query], { reject: false })).stderr).toMatch(
        /authentication failed/u,
      );
    }
    expect(
      await cluster.on(
        'pg3',
        'ls /etc/pgscale/pgbackrest | grep restore-source; ls -d /var/lib/postgresql/18/*.restore 2>/dev/null; true',
      ),
    ).toBe('');
    // This needs the history of the new timeline in the new archive.
    const { host, port } = sideSchema.parse(await cluster.pgscaleJson('restore', '--latest', '--yes', ...config));
    expect(await notes(host, port)).toBe(wanted);
    await succeeds('restore', 'drop', 'side', '--yes', ...config);
  }

  async function expectFullBackup(config: string[]): Promise<void> {
    for (const endsAt = Date.now() + BACKUP_MS; Date.now() < endsAt;) {
      await sleep(1000);
      const { backups, windows } = backupsSchema.parse(await cluster.pgscaleJson('backup', 'list', ...config));
      if (!backups.some(({ type }) => type === 'full')) continue;
      expect(windows.filter(({ missing }) => missing !== null)).toEqual([]);
      return;
    }
    throw new Error((await cluster.pgscale('backup', 'list', ...config)).stdout);
  }

  it('refuses what would harm the old cluster, and a moment that is not there, before anything is changed', async () => {
    await initNew(OLD, '--config', 'same.yaml');
    expect(await refusal('--spec', 'same.yaml', '--latest')).toMatch(/^PGS_RESTORE_NEW .* both archive as e2e-old/u);
    expect(await refusal('--spec', 'pgscale.yaml', '--latest')).toMatch(
      /^PGS_RESTORE_NEW .* pg1 .* is pg1 of e2e-old/u,
    );
    expect(await refusal('--spec', 'new.yaml', '--to', '2999-01-01 00:00Z')).toMatch(/^PGS_RESTORE_TARGET/u);
    expect(await cluster.on('pg3', 'ls /etc/pgscale 2>/dev/null; true')).toBe('');
  });

  it(
    'makes a cluster of its own as it was at a moment, killed twice on the way',
    async () => {
      const args = ['--spec', 'new.yaml', '--to', moment];
      const before = await archived();
      const copy = '/var/lib/postgresql/18/new.restore/into-new';
      await killWhen(`[ -e ${copy}/restore.json ]`, ...args);
      await killWhen('systemctl is-active --quiet pgscale-restore-into-new', ...args);
      expect(await refusal('--spec', 'new.yaml', '--latest')).toMatch(/^PGS_RESTORE_NEW .* another moment/u);
      await succeeds('restore', '--into', 'new', ...args, '--yes');
      await expectWhole('new', '200001 before');
      expect(await notes('pg1')).toBe('200002 before after');
      // The old primary goes on archiving; nothing of the new timeline is among that.
      const since = (await archived()).filter((each) => !before.includes(each));
      const timelines = new Set(before.map(timelineOf));
      expect(since.filter((each) => !timelines.has(timelineOf(each)))).toEqual([]);
      expect(await refusal('--spec', 'new.yaml', '--to', moment)).toMatch(/^PGS_RESTORE_NEW .* has data already/u);
    },
    KILLED_MS,
  );

  it('makes one when all hosts of the old cluster are gone', async () => {
    await succeeds('destroy', '--yes', '--cluster', 'new', '--config', 'new.yaml');
    await sql('pg1', 'select pg_switch_wal()');
    await succeeds('backup', 'check');
    for (const name of OLD_HOSTS) await succeeds('lab', 'kill', name, '--name', OLD);
    expect(await refusal('--spec', 'newer.yaml', '--to', '2999-01-01 00:00Z')).toMatch(/^PGS_RESTORE_TARGET/u);
    expect(await cluster.on('pg3', 'ls /etc/pgscale/pgbackrest')).toBe('');
    await succeeds('restore', '--into', 'new', '--spec', 'newer.yaml', '--latest', '--yes');
    await expectWhole('newer', '200002 before after');
    const secrets = await Promise.all(
      ['pgscale', 'newer'].map((name) => readFile(join(cluster.directory, `${name}.secrets.yaml`), 'utf8')),
    );
    expect(secrets[0]).not.toBe(secrets[1]);
  });
});
