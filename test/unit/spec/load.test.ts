import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { loadSpec, parseSpec } from '../../../src/spec/load.ts';
import { specText } from '../../support/spec-text.ts';

/** `line:column path: message`, as a user reads it. */
function problems(text: string): string[] {
  return parseSpec(text).problems.map(({ line, column, path, message }) => `${line}:${column} ${path}: ${message}`);
}

describe('parseSpec', () => {
  it('fills in defaults and the roles of the hosts', () => {
    const { spec } = parseSpec(specText());
    expect(spec?.hosts.map((host) => host.roles)).toEqual(Array(3).fill(['database', 'dcs', 'proxy']));
    expect(spec).toMatchObject({
      cluster: 'orders',
      replication: { synchronous: 1, strict: false },
      postgres: { version: 18, port: 5432 },
    });
  });

  it('asks for no synchronous standby where there is none', () => {
    const { spec } = parseSpec('cluster: a\nhosts: [{ name: pg1, address: 10.0.0.1 }]\n');
    expect(spec?.replication.synchronous).toBe(0);
    expect(spec?.hosts[0]?.roles).toEqual(['database', 'dcs', 'proxy']);
  });

  it('reports every kind of mistake at once, each at its place', () => {
    const text = `clster: orders
cluster: Orders
hosts:
  - { name: pg1, address: 10.0.0.1, roles: [database, dcs, proxi] }
  - { name: pg1, address: 10.0.0.2, roles: [database, dcs] }
  - name: pg3
    address: 10.0.0.2
    port: 22
    roles: [proxy]
  - { name: pg4, address: 10.0.0.x, roles: [database] }
postgres:
  port: "5432"
replication: { synchronous: 9 }
databases:
  - { name: app, owner: ap }
roles: [{ name: app }]
`;
    expect(problems(text)).toEqual([
      '1:1 clster: unknown key, did you mean cluster?',
      '2:10 cluster: expected a name: a lower-case letter, then letters, digits, - or _ (31 at most), got "Orders"',
      '3:1 hosts: 2 hosts have the role dcs (pg1, pg1); an even number survives no more failures than one less, so give it to 1, 3 or 5',
      '4:60 hosts[0].roles[2]: expected one of database, dcs, proxy, got "proxi", did you mean proxy?',
      '5:13 hosts[1].name: another host is called pg1 already; every host needs a name of its own',
      '7:14 hosts[2].address: 10.0.0.2 is the address of pg1 already; every host needs an address of its own',
      '8:5 hosts[2].port: unknown key; allowed here: name, address, sshAddress, zone, roles',
      '10:27 hosts[3].address: expected an IP address, like 10.0.0.11, got "10.0.0.x"',
      '12:9 postgres.port: expected a number, got "5432"',
      '13:29 replication.synchronous: 9 synchronous standbys wanted, but 2 of the hosts can be one',
      '15:25 databases[0].owner: there is no role ap in the spec; did you mean app?',
    ]);
  });

  it('points at the right entry when earlier ones are unusable', () => {
    const text = `cluster: a
hosts: [{ name: pg1, address: 10.0.0.1 }]
databases:
  - nonsense
  - { name: app, owner: nobody }
`;
    expect(problems(text)).toEqual([
      '4:5 databases[0]: expected a mapping (key: value), got "nonsense"',
      '5:25 databases[1].owner: there is no role nobody in the spec; add it under roles',
    ]);
  });

  it.each([
    ['nothing at all', '', '1:1 : expected a mapping (key: value), got nothing'],
    ['a key without a value', specText('pooler:\n'), '6:8 pooler: expected a mapping (key: value), got nothing'],
    ['a list instead of a mapping', specText('ssh: [a]\n'), '6:6 ssh: expected a mapping (key: value), got a list'],
    ['a duplicate key', specText('cluster: b\n'), '6:1 : the key cluster is there twice'],
    ['a missing key', 'cluster: a\n', '1:1 hosts: missing: expected a list'],
    ['no hosts', 'cluster: a\nhosts: []\n', '2:8 hosts: expected at least one entry'],
    [
      'one of several types',
      specText('pooler: { processes: many }\n'),
      '6:22 pooler.processes: expected auto or a number, got "many"',
    ],
    ['a number out of range', specText('ssh: { port: 70000 }\n'), '6:14 ssh.port: expected 65535 or less, got 70000'],
    [
      'an unknown kind of repository',
      specText('backup: { repository: { type: ftp } }\n'),
      "6:31 backup.repository.type: expected 's3' | 'posix' | 'sftp' | 'azure' | 'gcs', got \"ftp\"",
    ],
    [
      'a key of a repository of another kind',
      specText('backup: { repository: { type: gcs, bucket: abc, region: x } }\n'),
      '6:49 backup.repository.region: unknown key; allowed here: type, bucket, path',
    ],
    [
      'the name of a parameter',
      specText('postgres: { parameters: { Work-Mem: 1 } }\n'),
      '6:27 postgres.parameters.Work-Mem: expected the name of a parameter, in lower case',
    ],
  ])('says where and what: %s', (_, text, expected) => {
    expect(problems(text)).toContain(expected);
  });

  it('refuses an expansion of aliases that would fill the memory', () => {
    const bomb = Array.from({ length: 12 }, (_, i) => `a${i}: &a${i} [${`*a${i - 1},`.repeat(i === 0 ? 0 : 9)}1]`);
    expect(problems(bomb.join('\n'))).toHaveLength(1);
  });
});

describe('loadSpec', () => {
  it('gives the problems to programs too, and exit status 2', async () => {
    const path = join(await mkdtemp(join(tmpdir(), 'pgscale-')), 'pgscale.yaml');
    await writeFile(path, 'cluster: a\nhost: []\n');
    await expect(loadSpec(path)).rejects.toMatchObject({
      code: 'PGS_SPEC_INVALID',
      exitCode: 2,
      details: {
        problems: [
          { path: 'hosts', line: 1 },
          { path: 'host', line: 2, column: 1 },
        ],
      },
    });
  });

  it('names a file that is not there', async () => {
    await expect(loadSpec('/nowhere/pgscale.yaml')).rejects.toMatchObject({ code: 'PGS_SPEC_MISSING', exitCode: 2 });
  });
});
