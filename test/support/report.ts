import { specDigest } from '../../src/cluster/applied.ts';
import type { HostReport } from '../../src/cluster/host-report.ts';
import type { Spec } from '../../src/spec/schema.ts';
import type { MemberRow } from '../../src/sql/member.ts';
import type { Replication } from '../../src/sql/replication.ts';

/** A standby that has all that there is. */
export function standbyRow(name: string, more: Partial<Replication> = {}): Replication {
  return {
    name,
    address: '10.20.0.99',
    state: 'streaming',
    syncState: 'async',
    sentLagBytes: 0,
    writeLagBytes: 0,
    flushLagBytes: 0,
    replayLagBytes: 0,
    writeLagSeconds: null,
    flushLagSeconds: null,
    replayLagSeconds: null,
    ...more,
  };
}

/** A server; a standby unless it is told that it is none. */
export function memberRow(more: Partial<MemberRow> = {}): MemberRow {
  return {
    isInRecovery: true,
    serverVersion: '18.6 (Debian 18.6-3)',
    startedAt: '2026-11-24T00:00:00Z',
    timeline: 4,
    synchronousCommit: 'on',
    synchronousStandbyNames: 'ANY 1 (pg2,pg3)',
    pendingRestart: [],
    receiverState: 'streaming',
    senderHost: '10.20.0.11',
    connections: 3,
    connectionsMax: 100,
    replication: [],
    ...more,
  };
}

const VIP_HOLDER = 'pg1';
const poolers = [1, 2].map((process) => ({
  process,
  status: { clientsActive: 5, clientsWaiting: 0, serversActive: 1, serversIdle: 2, maxWaitSeconds: 0 },
}));

/** What every host of a healthy cluster says: the first host of the spec leads. */
export function healthyReports(spec: Spec): Map<string, HostReport> {
  const names = spec.hosts.filter(({ roles }) => roles.includes('database')).map(({ name }) => name);
  const [leader = '', ...standbys] = names;
  const replication = standbys.map((name) => standbyRow(name, { syncState: 'quorum' }));
  const vips = Object.values(spec.endpoints).flatMap((each) =>
    typeof each === 'object' && each.vip !== undefined ? each.vip : [],
  );
  const members = names.map((name) => ({
    name,
    role: name === leader ? 'leader' : 'replica',
    state: name === leader ? 'running' : 'streaming',
  }));
  return new Map(
    spec.hosts.map(({ name, roles }): [string, HostReport] => {
      const isDatabase = roles.includes('database');
      const report: HostReport = {
        host: name,
        unreachable: undefined,
        patroni: isDatabase
          ? { version: '4.1.5', state: 'running', isPaused: false, isFailsafe: false, members }
          : undefined,
        member: isDatabase
          ? memberRow(name === leader ? { isInRecovery: false, replication, receiverState: null } : {})
          : undefined,
        etcd: roles.includes('dcs')
          ? { version: '3.5.30', isLeader: name === leader, hasLeader: true, databaseBytes: 20_480 }
          : undefined,
        etcdProblem: undefined,
        poolers: isDatabase ? poolers : [],
        proxy: { primary: [leader], replicas: standbys, drained: [], sessions: 2 },
        units: new Map([
          ['patroni.service', 'active'],
          ['keepalived.service', 'active'],
        ]),
        addresses: ['127.0.0.1', ...(name === VIP_HOLDER ? vips : [])],
        certificateExpiresAt: new Date('2027-11-24T00:00:00Z'),
        dataFreeBytes: isDatabase ? 50 * 1024 ** 3 : undefined,
        partitions: undefined,
        applied: { specDigest: specDigest(spec), changedFiles: [] },
      };
      return [name, report];
    }),
  );
}
