import { describe, expect, it } from 'vitest';

import { addressVerdicts } from '../../../src/checks/address.ts';
import { clockFindings } from '../../../src/checks/clock.ts';
import { diskVerdicts, parseFileSystems } from '../../../src/checks/disk.ts';
import { fsyncVerdicts } from '../../../src/checks/fsync.ts';
import { isOlder, packageVerdicts, parsePolicy } from '../../../src/checks/packages.ts';
import { parseSockets, portVerdicts } from '../../../src/checks/ports.ts';
import { sshVerdicts } from '../../../src/checks/ssh.ts';
import { cpuVerdicts, memoryVerdicts, platformVerdicts, system } from '../../../src/checks/system.ts';
import { packageNeeds } from '../../../src/components/index.ts';
import { assumedFacts } from '../../../src/host/assumed-facts.ts';
import { listenersOf } from '../../../src/spec/listeners.ts';
import type { HostSpec } from '../../../src/spec/schema.ts';
import { FakeHost } from '../../support/fake-host.ts';
import { specOf, targetOf } from '../../support/target.ts';

const GIB = 1024 ** 3;
const facts = assumedFacts({ memoryBytes: 8 * GIB, diskBytes: 100 * GIB, cpuCount: 4 });

describe('system', () => {
  it.each([
    [{}, []],
    [{ osId: 'fedora' }, ['os-unsupported']],
    [{ osId: 'debian', osVersion: '12' }, ['os-unsupported']],
    [{ osId: 'debian', osVersion: '13' }, []],
    [{ osId: 'debian', osVersion: '' }, []],
    [{ osId: 'ubuntu', osVersion: '24.04' }, ['os-unsupported']],
    [{ osId: 'ubuntu', osVersion: '25.04' }, []],
    [{ architecture: 'riscv64' }, ['architecture-unsupported']],
  ])('platform %j', (overrides, ids) => {
    expect(platformVerdicts({ ...facts, ...overrides }, false).map(({ id }) => id)).toEqual(ids);
  });

  it('lets an old release be when repositories were added that have every package', async () => {
    const target = targetOf(specOf(3), 'pg1', { osId: 'debian', osVersion: '12' });
    const policy = packageNeeds(target).map(
      ({ name, floor }) => `${name}:\n  Installed: (none)\n  Candidate: ${floor ?? 1}-1`,
    );
    const ids = async (known: readonly string[]): Promise<string[]> => {
      const host = new FakeHost().answer(/apt-cache policy/u, { stdout: known.join('\n') });
      return (await system.run(host, target)).map(({ id }) => id);
    };
    await expect(ids(policy)).resolves.toEqual([]);
    await expect(ids(policy.slice(1))).resolves.toEqual(['os-unsupported']);
    await expect(ids([])).resolves.toEqual(['os-unsupported']);
  });

  it.each([
    [{}, []],
    [{ cpuCount: 2 }, []],
    [{ cpuCount: 1 }, ['warning: has 1 CPU']],
  ])('CPUs %j', (overrides, expected) => {
    expect(cpuVerdicts({ ...facts, ...overrides }).map(({ severity, what }) => `${severity}: ${what}`)).toEqual(
      expected,
    );
  });

  it.each([
    [{}, []],
    [{ memoryBytes: 0.5 * GIB }, ['memory-too-small']],
    [{ memoryBytes: 1.5 * GIB }, ['memory-small']],
  ])('memory %j', (overrides, ids) => {
    expect(memoryVerdicts({ ...facts, ...overrides }).map(({ id }) => id)).toEqual(ids);
  });
});

describe('address', () => {
  const host = (address: string): HostSpec => ({ ...targetOf(specOf(3), 'pg1').host, address, sshAddress: address });
  const addresses = ['127.0.0.1', '192.168.7.5', '::1', 'fd00::5', 'fe80::1'];

  it('refuses one that no interface has, and says which there are', () => {
    expect(addressVerdicts(host('203.0.113.7'), { addresses })).toMatchObject([
      {
        id: 'address-not-there',
        severity: 'error',
        what: expect.stringMatching(/203\.0\.113\.7, .*; it has 192\.168\.7\.5, fd00::5$/u) as string,
        remedy: expect.stringMatching(/`sshAddress` to 203\.0\.113\.7/u) as string,
      },
    ]);
  });

  it('is content with one that is there, and with a host that does not tell', () => {
    expect(addressVerdicts(host('192.168.7.5'), { addresses })).toEqual([]);
    expect(addressVerdicts(host('FD00::0:5'), { addresses })).toEqual([]);
    expect(addressVerdicts(host('203.0.113.7'), { addresses: [] })).toEqual([]);
  });
});

describe('ports', () => {
  const output = [
    'LISTEN 0 511 0.0.0.0:5432 0.0.0.0:* users:(("nginx",pid=812,fd=6))',
    'LISTEN 0 128 10.9.9.9:6432 0.0.0.0:* users:(("node",pid=9,fd=3))',
    'LISTEN 0 128 127.0.0.1:2380 0.0.0.0:* users:(("postgres",pid=10,fd=3))',
    'LISTEN 0 4096 [::]:2379 [::]:*',
    'LISTEN 0 128 10.0.0.1%eth0:8008 0.0.0.0:*',
  ].join('\n');
  const taken = (port: number, more: { on?: string; isOurs?: boolean } = {}): string[] => {
    const wanted = { what: 'X', port, process: 'nginx', path: ['postgres', 'port'], on: more.on };
    const host = { address: '10.0.0.1', isOurs: more.isOurs === true };
    return portVerdicts([wanted], parseSockets(output), host).map(({ what }) => what);
  };

  it('names the process that holds a port', () => {
    expect(taken(5432)).toEqual(['port 5432, which X needs, is taken by nginx (pid 812)']);
    expect(taken(2380)).toEqual(['port 2380, which X needs, is taken by postgres (pid 10)']);
  });

  it('sees sockets on every address and on an interface', () => {
    expect(taken(2379)).toEqual(['port 2379, which X needs, is taken by another process']);
    expect(taken(8008)).toHaveLength(1);
  });

  it('does not mind another address, a VIP that is elsewhere, or a free port', () => {
    expect(taken(6432)).toEqual([]);
    expect(taken(8008, { on: '10.0.0.9' })).toEqual([]);
    expect(taken(7000)).toEqual([]);
  });

  it('knows the doors of the poolers, which the spec does not place', () => {
    const target = targetOf(specOf(3), 'pg1');
    const doors = listenersOf(target.spec, target.host).filter(({ on }) => on === '127.0.0.1');
    expect(doors.map(({ port }) => port)).toEqual([15_432, 15_433, 15_434]);
    const sockets = parseSockets('LISTEN 0 5 127.0.0.1:15433 0.0.0.0:* users:(("socat",pid=9,fd=3))');
    expect(portVerdicts(doors, sockets, { address: '10.0.0.1', isOurs: true })).toMatchObject([
      { what: expect.stringContaining('port 15433') as string, remedy: expect.not.stringContaining('spec') as string },
    ]);
  });

  it('lets a component of ours have its port, and nobody else', () => {
    expect(taken(5432, { isOurs: true })).toEqual([]);
    expect(taken(2380, { isOurs: true })).toHaveLength(1);
  });
});

describe('disk', () => {
  const found = parseFileSystems(`/usr / ${100 * GIB} ${50 * GIB}\n/data /data ${10 * GIB} ${0.5 * GIB}`);
  const verdicts = (usr: number, data: number): string[] =>
    diskVerdicts(
      [
        { path: '/usr', bytes: usr * GIB },
        { path: '/data', bytes: data * GIB },
      ],
      found,
    ).map(({ id, what }) => `${id}: ${what}`);

  it('adds up what goes on each file system, and names the one that is too small', () => {
    expect(verdicts(1, 2)).toEqual(['disk-full: has 512 MiB free on /data, and 2 GiB are needed for /data']);
    expect(verdicts(60, 0.1)[0]).toContain('disk-full: has 50 GiB free on /,');
  });

  it('warns of one that is nearly full', () => {
    expect(verdicts(1, 0.1)).toEqual(['disk-nearly-full: has only 512 MiB free on /data']);
  });
});

describe('packages', () => {
  const policy = `patroni:
  Installed: (none)
  Candidate: 4.1.5-2
  Version table:
     4.1.5-2 500
etcd-server:
  Installed: 3.5.30-2
  Candidate: 3.5.30-2
`;

  it('tells missing and too old from what will do', () => {
    const needs = [{ name: 'patroni', floor: '4.1.4' }, { name: 'etcd-server', floor: '3.6' }, { name: 'pgbouncer' }];
    expect(packageVerdicts(needs, parsePolicy(policy)).map(({ id, what }) => [id, what])).toEqual([
      ['package-too-old', 'package etcd-server is 3.5.30-2, pgscale needs 3.6'],
      ['package-missing', 'package pgbouncer is not available'],
    ]);
  });

  it.each([
    ['4.1.5-2', '4.1.4', false],
    ['4.1.4', '4.1.4', false],
    ['1:1.26.1-1', '1.26.2', true],
    ['3.10', '3.9', false],
    ['3', '3.0.1', true],
  ])('%s against %s', (version, floor, older) => {
    expect(isOlder(version, floor)).toBe(older);
  });
});

describe('clock', () => {
  it('names the host that is off, not the others', () => {
    const findings = clockFindings([
      { host: 'pg1', skewMs: 3 },
      { host: 'pg2', skewMs: 600_004 },
      { host: 'pg3', skewMs: -2 },
    ]);
    expect(findings).toMatchObject([
      { host: 'pg2', severity: 'error', what: 'its clock is 600 s ahead of the others' },
    ]);
  });

  it('takes its own clock for a third one where there are two hosts', () => {
    const behind = [
      { host: 'pg1', skewMs: -600_000 },
      { host: 'pg2', skewMs: 0 },
    ];
    expect(clockFindings(behind)).toMatchObject([{ host: 'pg1', what: 'its clock is 600 s behind the others' }]);
    expect(clockFindings(behind.slice(0, 1))).toMatchObject([
      { what: 'its clock is 600 s behind that of this machine' },
    ]);
  });

  it('warns of a second, says nothing of milliseconds', () => {
    const skews = [0, 2, -1000].map((skewMs, index) => ({ host: `pg${index}`, skewMs }));
    expect(clockFindings(skews)).toMatchObject([{ host: 'pg2', severity: 'warning' }]);
  });
});

it('judges fsync and sshd', () => {
  expect(fsyncVerdicts(0.4, '/data')).toEqual([]);
  expect(fsyncVerdicts(40, '/data')).toMatchObject([
    { id: 'fsync-slow', what: expect.stringContaining('on the disk of /data') as string },
  ]);
  expect(sshVerdicts('maxsessions 10\nallowtcpforwarding yes')).toEqual([]);
  expect(sshVerdicts('maxsessions 2\nallowtcpforwarding no').map(({ id }) => id)).toEqual([
    'ssh-max-sessions',
    'ssh-no-forwarding',
  ]);
});
