import { describe, expect, it } from 'vitest';

import { archivePicture, archiveProblems } from '../../../src/cluster/archive.ts';
import type { ArchiveReport } from '../../../src/cluster/archive-report.ts';
import { assembleCluster } from '../../../src/cluster/assemble.ts';
import type { HostReport } from '../../../src/cluster/host-report.ts';
import { repositoryInfo } from '../../../src/archive/repository-info.ts';
import type { ArchiverRow } from '../../../src/sql/archiver.ts';
import { healthyReports } from '../../support/report.ts';
import { specOf } from '../../support/target.ts';

const NOW = new Date('2026-11-24T12:00:00Z');
const SEGMENT = 16 * 1024 ** 2;
const SPEC = specOf(3, { backup: { repository: { type: 'posix', path: '/repo' } } });

/** As pgBackRest 2.60 wrote it. */
function info(endedAt?: string): NonNullable<ReturnType<typeof repositoryInfo>> {
  const stop = Date.parse(endedAt ?? '') / 1000;
  const backup = `{"archive":{"start":"000000010000000000000003","stop":"000000010000000000000003"},"backrest":{"format":5,"version":"2.60.0"},"database":{"id":1,"repo-key":1},"error":false,"info":{"delta":23702346,"repository":{"delta":2871376,"delta-map":24960,"size-map":24960},"size":23702346},"label":"20261124-040000F","lsn":{"start":"0/3000028","stop":"0/3000120"},"prior":null,"reference":null,"timestamp":{"start":${stop - 9},"stop":${stop}},"type":"full"}`;
  const code = endedAt === undefined ? 2 : 0;
  const text = `[{"archive":[{"database":{"id":1,"repo-key":1},"id":"18-1","max":"000000010000000000000003","min":"000000010000000000000001"}],"backup":[${endedAt === undefined ? '' : backup}],"cipher":"aes-256-cbc","db":[{"id":1,"repo-key":1,"system-id":7713239546965190996,"version":"18"}],"name":"orders","repo":[{"cipher":"aes-256-cbc","key":1,"status":{"code":${code},"message":"ok"}}],"status":{"code":${code},"lock":{"backup":{"held":false},"restore":{"held":false}},"message":"ok"}}]`;
  const parsed = repositoryInfo(text, 'orders');
  if (parsed === undefined) throw new Error('the text of the test is no answer of pgBackRest');
  return parsed;
}

const ARCHIVER: ArchiverRow = {
  lastArchivedWal: '000000010000000000000003',
  lastArchivedAt: '2026-11-24T11:59:30Z',
  lastFailedAt: null,
  isFailing: false,
  waiting: 0,
  waitingSeconds: null,
  walBytes: 10 * SEGMENT,
  segmentBytes: SEGMENT,
};

function reportsWith(report: Partial<ArchiveReport>): Map<string, HostReport> {
  const archive: ArchiveReport = {
    repository: { isThere: true, info: info('2026-11-24T04:00:00Z') },
    archiver: ARCHIVER,
    freeBytes: 100 * SEGMENT,
    drill: undefined,
    ...report,
  };
  return new Map([...healthyReports(SPEC)].map(([name, each]) => [name, { ...each, archive }]));
}

function problems(report: Partial<ArchiveReport>): string[] {
  const picture = archivePicture(SPEC, reportsWith(report));
  return archiveProblems(SPEC, picture, NOW).map(({ id, text }) => `${id}: ${text}`);
}

describe('the archive in the status', () => {
  it('is not there when the spec has no backup', () => {
    const spec = specOf(3);
    expect(assembleCluster(spec, healthyReports(spec), NOW).archive).toBeNull();
  });

  it('all is well', () => {
    expect(problems({})).toEqual([]);
    expect(archivePicture(SPEC, reportsWith({}))).toMatchObject({
      repositoryProblem: null,
      backupCount: 1,
      lastBackup: { label: '20261124-040000F', endedAt: '2026-11-24T04:00:00.000Z' },
      // 10 segments are there, and room for nine tenths of 100
      walLimitBytes: 100 * SEGMENT,
      secondsUntilLimit: null,
    });
  });

  it('a repository that is away, with WAL that piles up for ten minutes: the time until it may not grow any more', () => {
    const archiver = { ...ARCHIVER, isFailing: true, waiting: 10, waitingSeconds: 600 };
    const found = problems({ repository: { isThere: false, why: 'connection refused\nmore' }, archiver });
    expect(found).toEqual([
      'repository-away: the backup repository cannot be read: connection refused',
      // 10 segments in 600 s, room for 90 more
      'archive-stuck: WAL does not reach the repository: 10 segments wait (pg_wal has 168 MB of at most 1.68 GB); at this rate the limit is reached in 1h 30m',
    ]);
  });

  it('a segment that is just on its way is none', () => {
    expect(problems({ archiver: { ...ARCHIVER, waiting: 1, waitingSeconds: 5 } })).toEqual([]);
  });

  it('one that has waited for longer than the archive may lag is', () => {
    const [found] = problems({ archiver: { ...ARCHIVER, waiting: 1, waitingSeconds: 130 } });
    expect(found).toMatch(/^archive-stuck: .*1 segments? waits?/u);
  });

  it('no backup, and one that is old', () => {
    expect(problems({ repository: { isThere: true, info: info() } })).toEqual([
      'no-backup: there is no backup; `pgscale backup create`',
    ]);
    const old = { isThere: true, info: info('2026-11-10T04:00:00Z') } as const;
    expect(problems({ repository: old })).toEqual(['backup-old: the last backup, 20261124-040000F, is 14d old']);
  });
});

describe('a restore in place that has not ended', () => {
  it('is told, with what ends it: members that it has stopped do not start by themselves', () => {
    const reports = reportsWith({ goingBackTo: 'name here' });
    const [first] = assembleCluster(SPEC, reports, NOW).problems;
    expect(first).toMatchObject({ id: 'restore-unfinished', text: /\(name here\).*`pgscale restore drop in-place`/u });
  });
});
