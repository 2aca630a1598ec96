import { describe, expect, it } from 'vitest';

import { clockFindings } from '../../../src/checks/clock.ts';
import { fsyncVerdicts } from '../../../src/checks/fsync.ts';
import { isOlder, packageVerdicts, parsePolicy } from '../../../src/checks/packages.ts';
import { parseListeners, portVerdicts } from '../../../src/checks/ports.ts';
import { sshVerdicts } from '../../../src/checks/ssh.ts';
import { capacityVerdicts, platformVerdicts } from '../../../src/checks/system.ts';
import { assumedFacts } from '../../../src/host/assumed-facts.ts';

const GIB = 1024 ** 3;
const facts = assumedFacts({ memoryBytes: 8 * GIB, diskBytes: 100 * GIB, cpuCount: 4 });

describe('system', () => {
  it.each([
    [{}, []],
    [{ osId: 'fedora' }, ['os-unsupported']],
    [{ architecture: 'riscv64' }, ['architecture-unsupported']],
  ])('platform %j', (overrides, ids) => {
    expect(platformVerdicts({ ...facts, ...overrides }).map(({ id }) => id)).toEqual(ids);
  });

  it.each([
    [{}, []],
    [{ memoryBytes: 0.5 * GIB }, ['memory-too-small']],
    [{ memoryBytes: 1.5 * GIB }, ['memory-small']],
    [{ diskFreeBytes: 1 * GIB }, ['disk-full']],
    [{ diskFreeBytes: 5 * GIB }, ['disk-nearly-full']],
  ])('capacity %j', (overrides, ids) => {
    expect(capacityVerdicts({ ...facts, ...overrides }).map(({ id }) => id)).toEqual(ids);
  });
});

describe('ports', () => {
  const output = [
    'LISTEN 0 511 0.0.0.0:5432 0.0.0.0:* users:(("nginx",pid=812,fd=6))',
    'LISTEN 0 128 127.0.0.1:6432 0.0.0.0:* users:(("node",pid=9,fd=3))',
    'LISTEN 0 4096 [::]:2379 [::]:*',
    'LISTEN 0 128 10.0.0.1%eth0:8008 0.0.0.0:*',
  ].join('\n');
  const taken = (port: number): string[] =>
    portVerdicts([{ port, purpose: 'X' }], parseListeners(output), '10.0.0.1').map(({ what }) => what);

  it('names the process that holds a port', () => {
    expect(taken(5432)).toEqual(['port 5432 (X) is taken by nginx (pid 812)']);
  });

  it('sees sockets on every address and on an interface', () => {
    expect(taken(2379)).toEqual(['port 2379 (X) is taken by another process']);
    expect(taken(8008)).toHaveLength(1);
  });

  it('does not mind another address, or a free port', () => {
    expect(taken(6432)).toEqual([]);
    expect(taken(7000)).toEqual([]);
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
      ['package-missing', 'package pgbouncer is not to be had'],
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

  it('warns of a second, says nothing of milliseconds', () => {
    const skews = [0, 2, -1000].map((skewMs, index) => ({ host: `pg${index}`, skewMs }));
    expect(clockFindings(skews)).toMatchObject([{ host: 'pg2', severity: 'warning' }]);
  });
});

it('judges fsync and sshd', () => {
  expect(fsyncVerdicts(0.4)).toEqual([]);
  expect(fsyncVerdicts(40)).toMatchObject([{ id: 'fsync-slow' }]);
  expect(sshVerdicts('maxsessions 10\nallowtcpforwarding yes')).toEqual([]);
  expect(sshVerdicts('maxsessions 2\nallowtcpforwarding no').map(({ id }) => id)).toEqual([
    'ssh-max-sessions',
    'ssh-no-forwarding',
  ]);
});
