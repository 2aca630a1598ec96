import { describe, expect, test } from 'vitest';

import { packages } from '../../../src/resources/packages.ts';
import { FakeHost } from '../../support/fake-host.ts';

const DPKG = /^dpkg-query/u;
const START = /systemd-run/u;
const JOB = /^(?:pid=.*\n)?systemctl show -p ActiveState/u;
const job = (sub: string): { stdout: string } => ({
  stdout: `Result=success\nExecMainStatus=0\nActiveState=active\nSubState=${sub}\n\n`,
});
const installed = (...names: string[]): { stdout: string } => ({
  stdout: names.map((name) => `${name} 1.0 ok`).join('\n'),
});

describe('packages that another run installs', () => {
  test.each([
    ['runs', ['running', 'exited']],
    ['has ended since the state was read', ['exited']],
  ])('are not installed twice while its job %s', async (_when, states) => {
    const looks = [installed('etcd-server'), installed('etcd-server', 'patroni')];
    const jobs = states.map(job);
    const host = new FakeHost()
      .answer(DPKG, () => looks.shift()!)
      .answer(JOB, () => jobs.shift()!)
      .answer(START);
    const wanted = packages([{ name: 'etcd-server' }, { name: 'patroni' }]);
    const actual = await wanted.read(host);
    expect(wanted.diff(actual)?.summary).toBe('install patroni');
    await wanted.apply(host, actual);
    expect(host.runs.filter(({ script }) => START.test(script))).toEqual([]);
  });
});
