import { describe, expect, it } from 'vitest';

import { readStatus } from '../../../src/operations/status.ts';
import { FakeHost } from '../../support/fake-host.ts';
import { paperSession } from '../../support/paper-session.ts';
import { specOf } from '../../support/target.ts';

const spec = specOf(3, { backup: { repository: { type: 'posix', path: '/repo' } } });
const MEMBER = {
  state: 'running',
  role: 'replica',
  dcs_last_seen: 1,
  patroni: { version: '4.1.4', scope: 'orders', name: 'pg1' },
};
const MEMBERS = ['pg1', 'pg2', 'pg3'].map((name) => ({
  name,
  role: name === 'pg2' ? 'leader' : 'replica',
  state: 'running',
  api_url: 'https://',
}));
const INFO =
  '[{"archive":[],"backup":[],"cipher":"none","db":[],"name":"orders","repo":[{"cipher":"none","key":1,"status":{"code":2,"message":"no valid backups"}}],"status":{"code":2,"lock":{"backup":{"held":false},"restore":{"held":false}},"message":"no valid backups"}}]';

/** Answers nothing but what is asked of one host for all. */
function host(name: string, { repository, members }: { repository: boolean; members: boolean }): FakeHost {
  return new FakeHost(name)
    .answer(/./u, { exitCode: 2 })
    .answer(/\/patroni/u, { stdout: JSON.stringify(MEMBER) })
    .answer(/\/cluster/u, members ? { stdout: JSON.stringify({ members: MEMBERS }) } : { exitCode: 22 })
    .answer(/pgbackrest.* info/u, repository ? { stdout: INFO } : { exitCode: 75 });
}

const count = (of: FakeHost, pattern: RegExp): number => of.reads.filter((script) => pattern.test(script)).length;

describe('readStatus', () => {
  it('asks one host for what is the same from all', async () => {
    const hosts = ['pg1', 'pg2', 'pg3'].map((name) => host(name, { repository: true, members: true }));
    await readStatus(paperSession(spec, hosts));
    expect(hosts.map((each) => count(each, /pgbackrest.* info/u))).toEqual([1, 0, 0]);
  });

  it('reads every host once when the repository is away, and asks the others for nothing but that', async () => {
    const hosts = ['pg1', 'pg2', 'pg3'].map((name) => host(name, { repository: false, members: true }));
    const { archive } = await readStatus(paperSession(spec, hosts));
    expect(archive?.repositoryProblem).toContain('no answer within');
    expect(hosts.map((each) => count(each, /\/patroni/u))).toEqual([1, 1, 1]);
    expect(hosts.map((each) => count(each, /\/cluster/u))).toEqual([1, 0, 0]);
    expect(hosts.map((each) => count(each, /pgbackrest.* info/u))).toEqual([1, 1, 1]);
  });

  it('has from another host what the first one cannot reach', async () => {
    const [pg1, pg2, pg3] = [
      host('pg1', { repository: false, members: false }),
      host('pg2', { repository: true, members: false }),
      host('pg3', { repository: false, members: true }),
    ];
    const { archive, members } = await readStatus(paperSession(spec, [pg1, pg2, pg3]));
    expect(archive?.repositoryProblem).toBeNull();
    expect(members.map(({ state }) => state)).toEqual(['running', 'running', 'running']);
    expect([pg1, pg2, pg3].map((each) => count(each, /\/patroni/u))).toEqual([1, 1, 1]);
  });
});
