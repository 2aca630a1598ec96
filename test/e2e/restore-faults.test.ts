import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

import { backupArgs } from '../support/backup-lab.ts';
import { bootLab, type LabCluster } from '../support/lab-cluster.ts';
import { untilWhole } from '../support/whole-cluster.ts';

const NAME = 'e2e-broken';
const CONFIG = '/etc/pgscale/pgbackrest/pgbackrest.conf';
const DRAIN_MS = 120_000;
const errorSchema = z.object({
  error: z.object({ code: z.string(), message: z.string(), why: z.string().optional() }),
});
const statusSchema = z.object({ leader: z.string(), problems: z.array(z.object({ id: z.string() })) });
const sideSchema = z.object({ host: z.string(), port: z.number(), backup: z.string() });
const backupsSchema = z.object({
  backups: z.array(z.object({ label: z.string(), stoppedAtMs: z.number() })),
  windows: z.array(z.object({ missing: z.string().nullable() })),
});
const listSchema = z.object({ restores: z.array(z.looseObject({})) });
const drillSchema = z.object({ result: z.string(), problems: z.array(z.string()) });

/** What is broken around backups and restores is named, and nothing is lost by it. One after the other on one cluster. */
describe('backup and restore, broken', () => {
  let cluster: LabCluster;
  let primary = '';
  let names: string[] = [];
  let store = '';

  beforeAll(async () => {
    cluster = await bootLab(NAME, 2);
    names = cluster.lab.hosts.map(({ name }) => name);
    store = join(dirname(cluster.lab.objectStore.caFile), 'data', 'objects');
    await cluster.init({ args: ['--profile', 'normal', ...backupArgs(cluster.lab)] });
    await succeeds('apply', '--yes');
    await cluster.pgscale('backup', 'create');
    primary = await untilWhole(cluster, DRAIN_MS);
    await sql('create table ledger (note text)');
    await sql(`insert into ledger values ('kept')`);
    await succeeds('backup', 'create', '--type', 'full');
  });
  afterAll(async () => {
    await cluster[Symbol.asyncDispose]();
  });

  const sql = (text: string, host = primary, port = 5432): Promise<string> =>
    cluster.on(host, `runuser -u postgres -- psql -XAtq -v ON_ERROR_STOP=1 -p ${port} -d app -c "${text}"`);
  const everywhere = (script: string): Promise<string[]> => Promise.all(names.map((name) => cluster.on(name, script)));
  const problems = async (): Promise<string[]> => {
    const { stdout } = await cluster.pgscale('status', '--json');
    return statusSchema.parse(JSON.parse(stdout)).problems.map(({ id }) => id);
  };

  async function succeeds(...args: string[]): Promise<void> {
    const { status, stdout, stderr } = await cluster.pgscale(...args);
    expect(status, `pgscale ${args.join(' ')}\n${stdout}\n${stderr}`).toBe(0);
  }

  /** `CODE message why` of a command that has to fail. */
  async function refusal(...args: string[]): Promise<string> {
    const { stdout } = await cluster.pgscale(...args, '--json');
    const { code, message, why = '' } = errorSchema.parse(JSON.parse(stdout)).error;
    return `${code} ${message} ${why}`;
  }

  async function restored(...target: string[]): Promise<{ note: string; backup: string }> {
    const { host, port, backup } = sideSchema.parse(await cluster.pgscaleJson('restore', ...target, '--yes'));
    const note = await sql(`select string_agg(note, ' ') from ledger`, host, port);
    await succeeds('restore', 'drop', 'side', '--yes');
    return { note, backup };
  }

  const objects = async (folder: string, pattern: string): Promise<string[]> => {
    const { stdout } = await execa('find', [join(store, 'd-pgscale'), '-path', `*d-${folder}*`, '-name', pattern]);
    return stdout
      .split('\n')
      .filter((each) => each !== '')
      .sort();
  };

  it.each([
    [
      'another cipher pass',
      's/^repo1-cipher-pass=.*/repo1-cipher-pass=another/',
      /cannot be deciphered.*backupCipher/su,
    ],
    ['expired credentials', 's/^repo1-s3-key-secret=.*/repo1-s3-key-secret=expired/', /403/u],
  ])('%s: said by list, restore and status', async (_name, edit, said) => {
    await everywhere(`cp -p ${CONFIG} ${CONFIG}.kept; sed -i '${edit}' ${CONFIG}`);
    try {
      expect(await refusal('backup', 'list')).toMatch(/^PGS_REPOSITORY/u);
      expect(await refusal('backup', 'list')).toMatch(said);
      expect(await refusal('restore', '--latest', '--yes')).toMatch(said);
      expect(await problems()).toContain('repository-away');
    } finally {
      await everywhere(`mv ${CONFIG}.kept ${CONFIG}`);
    }
    expect((await restored('--latest')).note).toBe('kept');
  });

  it('a repository that is away: nothing is lost, and all that waits arrives when it is back', async () => {
    await succeeds('lab', 'store', 'stop', '--name', NAME);
    await sql(`insert into ledger values ('meanwhile'); select pg_switch_wal()`);
    expect(await refusal('restore', '--latest', '--yes')).toMatch(/^PGS_REPOSITORY/u);
    expect(await refusal('backup', 'create')).toMatch(/^PGS_JOB_FAILED/u);
    expect(await problems()).toContain('repository-away');
    await succeeds('lab', 'store', 'start', '--name', NAME);
    await untilWhole(cluster, DRAIN_MS);
    await succeeds('backup', 'check');
    const { windows } = backupsSchema.parse(await cluster.pgscaleJson('backup', 'list'));
    expect(windows.filter(({ missing }) => missing !== null)).toEqual([]);
    expect((await restored('--latest')).note).toBe('kept meanwhile');
  });

  it('a target in the second in which a backup ended is reached from the one before', async () => {
    const { backups } = backupsSchema.parse(await cluster.pgscaleJson('backup', 'list'));
    const last = backups.at(-1)!;
    const { note, backup } = await restored('--to', new Date(last.stoppedAtMs + 500).toISOString());
    expect(note).toBe('kept');
    expect(backup).toBe(backups.at(-2)!.label);
  });

  it('one flipped byte: verify and the drill find it', async () => {
    const { backups } = backupsSchema.parse(await cluster.pgscaleJson('backup', 'list'));
    const bundles = (await objects('backup', 'o-1')).filter((each) => each.includes(backups.at(-1)!.label));
    const file = bundles.at(-1)!;
    const bytes = await readFile(file);
    const flipped = Buffer.from(bytes);
    const middle = Math.floor(bytes.length / 2);
    flipped[middle] = flipped[middle]! ^ 1;
    await writeFile(file, flipped);
    expect((await cluster.pgscale('backup', 'verify')).status).toBe(4);
    const drill = await cluster.pgscale('drill', 'restore', '--json');
    expect(drill.status).toBe(3);
    expect(drillSchema.parse(JSON.parse(drill.stdout)).problems.join()).toMatch(/checksum|crypto|decrypt|zst/iu);
    await writeFile(file, bytes);
    await succeeds('backup', 'verify');
    await succeeds('drill', 'restore');
  });

  it('a segment that is missing in the middle is named', async () => {
    await sql('select pg_switch_wal()');
    await succeeds('backup', 'check');
    await succeeds('backup', 'check');
    await succeeds('backup', 'check');
    const segments = await objects('archive', 'o-0*zst');
    const gap = segments.at(-2)!;
    const bytes = await readFile(gap);
    await execa('rm', [gap]);
    const [, name = ''] = /o-([0-9A-F]{24})-/u.exec(gap) ?? [];
    expect(await refusal('restore', '--latest', '--yes')).toContain(`segment ${name} is missing`);
    await writeFile(gap, bytes);
  });

  it('no room where the copy would go', async () => {
    const directory = `/var/lib/postgresql/18/${NAME}.restore`;
    await everywhere(`mkdir -p ${directory}; mount -t tmpfs -o size=8m tmpfs ${directory}`);
    expect(await refusal('restore', '--latest', '--yes')).toMatch(/^PGS_RESTORE_SPACE .* has no room/u);
    await everywhere(`umount ${directory}`);
  });

  it('a host with another pgBackRest is named, and with an older one it is not restored on', async () => {
    const program = '/usr/bin/pgbackrest';
    const older = `#!/bin/sh\n[ "$1" = version ] && echo "pgBackRest 2.55.0" || exec ${program}.kept "$@"\n`;
    await cluster.on(
      names[1]!,
      `mv ${program} ${program}.kept; printf '%s' '${older}' >${program}; chmod +x ${program}`,
    );
    expect((await cluster.pgscale('backup', 'check')).status).toBe(4);
    expect(await refusal('restore', '--latest', '--host', names[1]!, '--yes')).toMatch(/^PGS_RESTORE_VERSION/u);
    await cluster.on(names[1]!, `mv ${program}.kept ${program}`);
    await succeeds('backup', 'check');
  });

  it('another restore of that name that is running', async () => {
    const running = cluster.start('restore', '--latest', '--yes');
    await expect
      .poll(async () => listSchema.parse(await cluster.pgscaleJson('restore', 'list')).restores, {
        timeout: 60_000,
        interval: 200,
      })
      .toHaveLength(1);
    expect(await refusal('restore', '--lsn', '0/3000000', '--yes')).toMatch(/^PGS_RESTORE_EXISTS/u);
    expect((await running.ended).status).toBe(0);
    await succeeds('restore', 'drop', 'side', '--yes');
  });

  it('max_connections that was raised on the way, and is lower now', async () => {
    const path = join(cluster.directory, 'pgscale.yaml');
    const text = await readFile(path, 'utf8');
    const withConnections = async (count: number): Promise<void> => {
      await writeFile(path, text.replace('parameters: {}', `parameters: { max_connections: ${count} }`));
      await succeeds('apply', '--yes');
      primary = await untilWhole(cluster, DRAIN_MS);
    };
    await withConnections(650);
    await sql(`insert into ledger values ('raised')`);
    await succeeds('restore-point', 'create', 'raised');
    await withConnections(450);
    expect((await restored('--name', 'raised')).note).toContain('raised');
  });
});
