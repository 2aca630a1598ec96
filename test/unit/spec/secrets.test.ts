import { chmod, mkdtemp, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { beforeEach, describe, expect, it } from 'vitest';

import { normalise } from '../../../src/errors/normalise.ts';
import { errorJson, renderError } from '../../../src/errors/render.ts';
import { loadCluster } from '../../../src/spec/cluster.ts';
import { loadSpec } from '../../../src/spec/load.ts';
import { ensureSecrets } from '../../../src/spec/secret/ensure.ts';
import { loadSecrets } from '../../../src/spec/secrets.ts';
import { specText } from '../../support/spec-text.ts';

let folder: string;
let specPath: string;
let secretsFile: string;

async function write(extra = ''): Promise<void> {
  await writeFile(specPath, specText(extra));
}

async function load() {
  return loadSecrets(specPath, await loadSpec(specPath));
}

async function edit(from: RegExp, to: string): Promise<void> {
  const text = await readFile(secretsFile, 'utf8');
  expect(text).toMatch(from);
  await writeFile(secretsFile, text.replace(from, to));
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pgscale-'));
  specPath = join(folder, 'orders.yaml');
  secretsFile = join(folder, 'orders.secrets.yaml');
  await write('roles: [{ name: app }]\n');
  await ensureSecrets(specPath, await loadSpec(specPath));
});

describe('ensureSecrets', () => {
  it('makes what is needed, for its owner alone, safe in URLs', async () => {
    const secrets = await load();
    const { passwords, roles, backupCipher } = secrets;
    expect((await stat(secretsFile)).mode & 0o777).toBe(0o600);
    const all = [...Object.values(passwords), ...Object.values(roles), backupCipher];
    for (const password of all) expect(encodeURIComponent(password)).toBe(password);
    expect(new Set(all).size).toBe(all.length);
    expect(passwords.vrrp).toHaveLength(8);
    expect(secrets.ca.certificate).toContain('BEGIN CERTIFICATE');
  });

  it('adds what is missing later, and leaves values and comments alone', async () => {
    await edit(/^passwords:/mu, '# mine\npasswords:');
    const before = await readFile(secretsFile, 'utf8');
    await write('roles: [{ name: app }, { name: report }]\n');
    const { generated } = await ensureSecrets(specPath, await loadSpec(specPath));
    expect(generated).toEqual(['roles.report']);
    const after = await readFile(secretsFile, 'utf8');
    expect(after.replace(/^ {2}report: .*\n/mu, '')).toBe(before);
    expect(await ensureSecrets(specPath, await loadSpec(specPath))).toMatchObject({ generated: [] });
    expect(await readFile(secretsFile, 'utf8')).toBe(after);
  });

  it('cannot make the keys of a store, and says which', async () => {
    await write('backup: { repository: { type: s3, bucket: abc, endpoint: s3.example } }\n');
    const given = { 'repository.accessKey': 'env:KEY' };
    const { missing } = await ensureSecrets(specPath, await loadSpec(specPath), given);
    expect(missing).toEqual(['repository.secretKey']);
    expect(await readFile(secretsFile, 'utf8')).toContain('accessKey: env:KEY');
  });
});

describe('loadSecrets', () => {
  it('looks up references in the environment, in files and by commands', async () => {
    process.env.PGSCALE_TEST_SECRET = 'from the environment';
    await writeFile(join(folder, 'cipher.txt'), 'from a file, long enough\n');
    await edit(/^ {2}app: .*$/mu, '  app: env:PGSCALE_TEST_SECRET');
    await edit(/^backupCipher: .*$/mu, 'backupCipher: file:cipher.txt');
    await edit(/^ {2}rewind: .*$/mu, '  rewind: "cmd:echo from a $(echo command)"');
    expect(await load()).toMatchObject({
      roles: { app: 'from the environment' },
      backupCipher: 'from a file, long enough',
      passwords: { rewind: 'from a command' },
    });
  });

  it('reports every missing secret at once, and shows none that is there', async () => {
    await write('roles: [{ name: app }, { name: report }]\n');
    await edit(/^ {2}replication: .*$/mu, '  replication: env:PGSCALE_NOT_SET');
    await edit(/^ {2}rewind: .*$/mu, '  rewind: file:nowhere.txt');
    await edit(/^backupCipher: .*$/mu, 'backupCipher: "cmd:echo geheim; exit 3"');
    const error = await load().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'PGS_SECRET_MISSING',
      exitCode: 2,
      details: {
        missing: [
          { secret: 'roles.report' },
          { secret: 'passwords.replication', reason: 'the environment has no PGSCALE_NOT_SET' },
          { secret: 'passwords.rewind' },
          { secret: 'backupCipher', reason: 'the command "echo geheim; exit 3" ended with status 3' },
        ],
      },
    });
  });

  it('refuses a file that others may read', async () => {
    await chmod(secretsFile, 0o640);
    await expect(load()).rejects.toMatchObject({ code: 'PGS_SECRETS_READABLE', exitCode: 2 });
  });

  it('says where a mistake is without showing the value', async () => {
    await edit(/^ {2}app: .*$/mu, '  app: 12345678');
    await edit(/^backupCipher: .*$/mu, 'backupCypher: geheimnis');
    const error = await load().catch((thrown: unknown) => thrown);
    const [first] = normalise(error, '');
    expect(first.code).toBe('PGS_SECRETS_INVALID');
    expect(first.why).toContain('backupCypher: unknown key, did you mean backupCipher?');
    expect(first.why).toContain('roles.app: expected text');
    const shown = renderError(first) + JSON.stringify(errorJson([first]));
    expect(shown).not.toMatch(/geheimnis|12345678/u);
  });

  it('refuses a password that is too short', async () => {
    await edit(/^ {2}rewind: .*$/mu, '  rewind: short');
    await expect(load()).rejects.toMatchObject({
      code: 'PGS_SECRETS_INVALID',
      why: expect.stringContaining('passwords.rewind: expected 12 or more characters') as string,
    });
  });
});

describe('loadCluster', () => {
  it('reports mistakes of the spec and missing secrets together', async () => {
    await write('roles: [{ name: report }]\npoler: {}\n');
    await expect(loadCluster(specPath)).rejects.toMatchObject({
      exitCode: 2,
      errors: [
        { code: 'PGS_SPEC_INVALID' },
        { code: 'PGS_SECRET_MISSING', details: { missing: [{ secret: 'roles.report' }] } },
      ],
    });
  });
});
