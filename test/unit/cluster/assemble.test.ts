import { describe, expect, it } from 'vitest';

import { assembleCluster } from '../../../src/cluster/assemble.ts';
import { unreachableReport, type HostReport } from '../../../src/cluster/host-report.ts';
import type { ClusterPicture } from '../../../src/cluster/picture.ts';
import type { Spec } from '../../../src/spec/schema.ts';
import { healthyReports, memberRow, standbyRow } from '../../support/report.ts';
import { specOf, VIPS } from '../../support/target.ts';

const NOW = new Date('2026-11-24T00:00:00Z');
const SPEC = specOf(3, { endpoints: VIPS });

type Changes = Record<string, Partial<HostReport>>;

function pictureWith(changes: Changes = {}, spec: Spec = SPEC): ClusterPicture {
  const reports = healthyReports(spec);
  for (const [host, change] of Object.entries(changes)) {
    const report = reports.get(host);
    if (report === undefined) throw new Error(`no report of ${host}`);
    reports.set(host, { ...report, ...change });
  }
  return assembleCluster(spec, reports, NOW);
}

const ids = (picture: ClusterPicture): string[] =>
  picture.problems.map(({ id, host }) => (host ? `${id} ${host}` : id));

const leads = (more: Partial<ReturnType<typeof memberRow>> = {}): ReturnType<typeof memberRow> =>
  memberRow({
    isInRecovery: false,
    replication: [standbyRow('pg2', { syncState: 'quorum' }), standbyRow('pg3', { syncState: 'quorum' })],
    ...more,
  });

describe('a healthy cluster', () => {
  it('has no problems', () => {
    const picture = pictureWith();
    expect(ids(picture)).toEqual([]);
    expect(picture).toMatchObject({ isDegraded: false, leader: 'pg1', timeline: 4 });
    expect(picture.members.map(({ name, role, state, sync }) => [name, role, state, sync])).toEqual([
      ['pg1', 'primary', 'running', null],
      ['pg2', 'standby', 'streaming', 'quorum'],
      ['pg3', 'standby', 'streaming', 'quorum'],
    ]);
    expect(picture.endpoints.map(({ name, members, vipHolders }) => [name, members, vipHolders])).toEqual([
      ['primary', ['pg1'], ['pg1']],
      ['replica', ['pg2', 'pg3'], ['pg1']],
      ['pool', ['pg1'], ['pg1']],
    ]);
  });

  it.each([
    ['one host', specOf(1, { replication: { synchronous: 0 } })],
    ['five hosts without VIPs', specOf(5)],
    [
      'separate hosts for everything',
      specOf(0, {
        hosts: [
          { name: 'pg1', address: '10.20.0.11', roles: ['database'] },
          { name: 'pg2', address: '10.20.0.12', roles: ['database'] },
          { name: 'dcs1', address: '10.20.0.13', roles: ['dcs'] },
          { name: 'px1', address: '10.20.0.14', roles: ['proxy'] },
        ],
      }),
    ],
  ])('%s: no problems either', (_, spec) => {
    expect(ids(pictureWith({}, spec))).toEqual([]);
  });
});

describe('what is wrong is said', () => {
  const broken: [string, Changes, string[]][] = [
    ['no primary', { pg1: { member: memberRow() } }, ['no-leader']],
    ['two primaries', { pg2: { member: memberRow({ isInRecovery: false }) } }, ['two-primaries']],
    [
      'a standby that is gone',
      {
        pg1: { member: leads({ replication: [standbyRow('pg2', { syncState: 'quorum' })] }) },
        pg3: { member: undefined },
      },
      ['standby-missing pg3'],
    ],
    [
      'a standby that is being copied',
      {
        pg1: {
          member: leads({
            replication: [standbyRow('pg2', { syncState: 'quorum' }), standbyRow('pg3', { state: 'backup' })],
          }),
        },
      },
      ['standby-missing pg3'],
    ],
    [
      'a standby that a run which was cut off has left drained',
      { pg2: { proxy: { primary: ['pg1'], replicas: ['pg2'], drained: ['pg3'], sessions: 0 } } },
      ['standby-drained pg3'],
    ],
    ['another timeline', { pg2: { member: memberRow({ timeline: 3 }) } }, ['timeline pg2']],
    [
      'lag over the limit of the replica endpoint',
      {
        pg1: {
          member: leads({
            replication: [
              standbyRow('pg2', { syncState: 'quorum', replayLagBytes: 17 * 2 ** 20 }),
              standbyRow('pg3', { syncState: 'quorum' }),
            ],
          }),
        },
      },
      ['lag pg2'],
    ],
    ['no synchronous standby', { pg1: { member: leads({ synchronousStandbyNames: '' }) } }, ['durability']],
    [
      'a setting that waits',
      { pg3: { member: memberRow({ pendingRestart: ['max_connections'] }) } },
      ['pending-restart pg3'],
    ],
    ['etcd down on one host', { pg2: { etcd: undefined, etcdProblem: 'timeout' } }, ['etcd-down pg2']],
    [
      'etcd without a majority',
      { pg2: { etcdProblem: 'x' }, pg3: { etcdProblem: 'x' } },
      ['etcd-majority', 'etcd-down pg2', 'etcd-down pg3'],
    ],
    ['a pooler down', { pg2: { poolers: [{ process: 1, status: undefined }] } }, ['pooler-down pg2']],
    ['no pooler at all', { pg2: { poolers: [] } }, ['pooler-down pg2']],
    ['a proxy down', { pg2: { proxy: undefined } }, ['proxy-down pg2']],
    [
      'the proxy with the VIPs down',
      { pg1: { proxy: undefined } },
      ['endpoint-down', 'endpoint-down', 'endpoint-down', 'proxy-down pg1'],
    ],
    [
      'VIPs that nobody holds',
      { pg1: { addresses: [] } },
      ['vip-unheld', 'endpoint-down', 'vip-unheld', 'endpoint-down', 'vip-unheld', 'endpoint-down'],
    ],
    ['a VIP on two hosts', { pg2: { addresses: ['10.20.0.100'] } }, ['vip-twice']],
    [
      'a certificate about to expire',
      { pg1: { certificateExpiresAt: new Date('2026-12-20T00:00:00Z') } },
      ['certificate pg1'],
    ],
    [
      'Patroni paused',
      { pg1: { patroni: { version: '4.1.5', state: 'running', isPaused: true, isFailsafe: false, members: [] } } },
      ['paused'],
    ],
    [
      'a primary without etcd',
      {
        pg1: {
          patroni: { version: '4.1.5', state: 'running', isPaused: false, isFailsafe: true, members: [] },
          etcdProblem: 'x',
        },
        pg2: { etcdProblem: 'x' },
      },
      ['failsafe pg1', 'etcd-majority', 'etcd-down pg1', 'etcd-down pg2'],
    ],
    ['a Patroni that is frozen', { pg2: { patroni: undefined } }, ['patroni-down pg2']],
    ['a disk that is full', { pg1: { dataFreeBytes: 0 } }, ['disk-full pg1']],
  ];
  it.each(broken)('%s', (_, changes, expected) => {
    const picture = pictureWith(changes);
    expect(ids(picture)).toEqual(expected);
    expect(picture.isDegraded).toBe(true);
  });

  it('a lost standby host: said once for the host, its members and its etcd', () => {
    const reports = healthyReports(SPEC);
    reports.set('pg3', unreachableReport('pg3', 'pg3 does not answer'));
    reports.set('pg1', {
      ...reports.get('pg1')!,
      member: leads({ replication: [standbyRow('pg2', { syncState: 'quorum' })] }),
    });
    const picture = assembleCluster(SPEC, reports, NOW);
    expect(ids(picture)).toEqual(['host-unreachable pg3', 'standby-missing pg3', 'etcd-down pg3']);
    expect(picture.members.at(-1)).toMatchObject({ isReachable: false, state: 'streaming?' });
    expect(picture.durability).toMatchObject({ guarantee: 'synchronous', synchronousStandbys: ['pg2'] });
  });

  it('what no host has that could be asked, another one may have: a machine without a way to the cluster knows nothing', () => {
    const without = (...names: string[]): string[] => {
      const reports = healthyReports(SPEC);
      for (const name of names) reports.set(name, unreachableReport(name, `${name} does not answer`));
      const { problems } = assembleCluster(SPEC, reports, NOW);
      return problems.filter(({ id }) => /leader|vip|endpoint/u.test(id)).map(({ text }) => text);
    };
    expect(without('pg1')).toContain('no member takes writes, of those that could be asked (not pg1)');
    expect(without('pg1')).toContain('no host holds 10.20.0.100 (primary), of those that could be asked (not pg1)');
    for (const text of without('pg1', 'pg2', 'pg3'))
      expect(text).toContain('as far as is known: no host could be asked');
  });

  it('the replica endpoint falls back to the primary only if the spec says so', () => {
    const proxy = { primary: ['pg1'], replicas: [], drained: [], sessions: 0 };
    const changes = { pg1: { proxy }, pg2: { proxy }, pg3: { proxy } };
    expect(ids(pictureWith(changes))).toContain('endpoint-down');
    const falling = specOf(3, { endpoints: { ...VIPS, replicaFallsBackToPrimary: true } });
    expect(ids(pictureWith(changes, falling))).toEqual([]);
  });
});
