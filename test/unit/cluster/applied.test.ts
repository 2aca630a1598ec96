import { describe, expect, it } from 'vitest';

import { appliedRecord, appliedReport, specDigest } from '../../../src/cluster/applied.ts';
import { assembleCluster } from '../../../src/cluster/assemble.ts';
import { healthyReports } from '../../support/report.ts';
import { specOf } from '../../support/target.ts';

const NOW = new Date('2026-11-24T00:00:00Z');
const spec = specOf(3);

function problemsWith(applied: { specDigest: string | undefined; changedFiles: string[] }): object[] {
  const reports = healthyReports(spec);
  reports.set('pg2', { ...reports.get('pg2')!, applied });
  return assembleCluster(spec, reports, NOW).problems.map(({ id, host, severity, text }) => ({
    id,
    host,
    severity,
    text,
  }));
}

describe('what a run leaves on a host', () => {
  it('names the spec and every file', () => {
    const record = appliedRecord(spec, [
      { path: '/etc/b', content: '' },
      { path: '/etc/a', content: 'x\n' },
    ]);
    expect(record.split('\n')).toEqual([
      `# spec ${specDigest(spec)}`,
      '73cb3858a687a8494ca3323053016282f3dad39d42cf62ca4e79dda2aac7d9ac  /etc/a',
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  /etc/b',
      '',
    ]);
  });

  it('is another one for another spec, and the same for another order of keys', () => {
    expect(specDigest(specOf(4))).not.toBe(specDigest(spec));
    const { cluster, ...others } = spec;
    expect(specDigest({ ...others, cluster })).toBe(specDigest(spec));
  });
});

describe('what sha256sum says of it', () => {
  it('files that differ and files that are gone', () => {
    const digest = specDigest(spec);
    const answer = `# spec ${digest}\n/etc/with space: FAILED\n/etc/gone: FAILED open or read\n`;
    expect(appliedReport(answer)).toEqual({ specDigest: digest, changedFiles: ['/etc/with space', '/etc/gone'] });
  });

  it('nothing where no run has come to its end', () => {
    expect(appliedReport('')).toEqual({ specDigest: undefined, changedFiles: [] });
  });
});

describe('drift in the status', () => {
  it('none', () => {
    expect(problemsWith({ specDigest: specDigest(spec), changedFiles: [] })).toEqual([]);
  });

  it('the spec is another one than that of the last apply, or there was none', () => {
    const expected = [expect.objectContaining({ id: 'spec-not-applied', severity: 'notice' })];
    expect(problemsWith({ specDigest: specDigest(specOf(4)), changedFiles: [] })).toEqual(expected);
    expect(problemsWith({ specDigest: undefined, changedFiles: [] })).toEqual(expected);
  });

  it('files of a host, the first three by name', () => {
    const changedFiles = ['/a', '/b', '/c', '/d', '/e'];
    const [problem] = problemsWith({ specDigest: specDigest(spec), changedFiles });
    expect(problem).toMatchObject({ id: 'file-changed', host: 'pg2', severity: 'notice' });
    expect(problem).toHaveProperty('text', expect.stringMatching(/^\/a, \/b, \/c and 2 more: changed/u));
  });
});
