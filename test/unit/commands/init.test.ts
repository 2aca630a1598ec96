import { access, mkdtemp, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { beforeEach, describe, expect, it } from 'vitest';

import { loadCluster } from '../../../src/spec/cluster.ts';
import { runCli } from '../../support/cli.ts';

let folder: string;
let spec: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pgscale-'));
  spec = join(folder, 'orders.yaml');
});

const HOSTS = ['--host', 'pg1=10.20.0.11,zone=a', '--host', 'pg2=10.20.0.12,zone=b', '--host', 'pg3=10.20.0.13,zone=c'];

describe('pgscale init without a terminal', () => {
  it('writes a spec that loads, secrets for its owner alone, and tells git', async () => {
    await writeFile(join(folder, '.gitignore'), 'node_modules');
    const flags = ['--cluster', 'orders', '--user', 'ops', '--vip', 'primary=10.20.0.21', '--database', 'app'];
    const result = await runCli(['init', '-c', spec, ...flags, '--profile', 'wan', '--synchronous', '1', ...HOSTS]);
    expect(result).toMatchObject({ exitCode: 0, stderr: '' });
    const { spec: loaded, secrets } = await loadCluster(spec);
    expect(loaded).toMatchObject({
      cluster: 'orders',
      ssh: { user: 'ops' },
      hosts: [{ name: 'pg1', zone: 'a' }, { name: 'pg2' }, { address: '10.20.0.13' }],
      endpoints: { primary: { vip: '10.20.0.21' } },
      failover: { profile: 'wan' },
      databases: [{ name: 'app', owner: 'app' }],
    });
    expect(secrets.roles.app).toBeTypeOf('string');
    expect((await stat(join(folder, 'orders.secrets.yaml'))).mode & 0o777).toBe(0o600);
    expect(await readFile(join(folder, '.gitignore'), 'utf8')).toBe('node_modules\norders.secrets.yaml\n');
    const text = await readFile(spec, 'utf8');
    expect(text).toMatch(/^# yaml-language-server: \$schema=/u);
    for (const secret of Object.values(secrets.passwords)) expect(text + result.stdout).not.toContain(secret);
  });

  it('never overwrites', async () => {
    await writeFile(spec, 'mine');
    const result = await runCli(['init', '-c', spec, '--json', '--cluster', 'orders', ...HOSTS]);
    expect(result.exitCode).toBe(2);
    expect(JSON.parse(result.stdout)).toMatchObject({ error: { code: 'PGS_INIT_EXISTS' } });
    expect(await readFile(spec, 'utf8')).toBe('mine');
  });

  it('names the flags that are missing', async () => {
    const result = await runCli(['init', '-c', spec]);
    expect(result).toMatchObject({ exitCode: 2, stdout: '' });
    expect(result.stderr).toContain('missing: --cluster NAME, --host NAME=ADDRESS');
  });

  it('writes nothing when the answers make no cluster, and says everything that is wrong', async () => {
    const flags = ['--host', 'pg1=10.20.0.11', '--host', 'pg1=10.20.0.x', '--vip', 'primay=10.20.0.21'];
    const result = await runCli(['init', '-c', spec, '--json', '--cluster', 'orders', ...flags]);
    expect(result.exitCode).toBe(2);
    expect(JSON.parse(result.stdout)).toMatchObject({
      error: {
        code: 'PGS_USAGE',
        details: { problems: [{ path: 'hosts[1].name' }, { path: 'hosts[1].address' }, { path: 'endpoints.primay' }] },
      },
    });
    await expect(access(spec)).rejects.toThrow();
  });

  it('takes secrets as references only', async () => {
    const flags = ['--backup', 'type=s3,bucket=abc,endpoint=s3.example', '--secret', 'repository.accessKey=geheim'];
    const result = await runCli(['init', '-c', spec, '--cluster', 'orders', ...HOSTS, ...flags]);
    expect(result.exitCode).toBe(2);
    expect(result.stderr).toContain('must be a reference');
    expect(result.stderr).not.toContain('geheim');
  });
});

describe('pgscale secret generate', () => {
  it('makes what a changed spec needs', async () => {
    await runCli(['init', '-c', spec, '--cluster', 'orders', ...HOSTS]);
    await writeFile(spec, (await readFile(spec, 'utf8')).replace('roles: []', 'roles: [{ name: report }]'));
    const result = await runCli(['secret', 'generate', '-c', spec, '--json']);
    expect(JSON.parse(result.stdout)).toMatchObject({ schemaVersion: 1, generated: ['roles.report'], missing: [] });
  });
});
