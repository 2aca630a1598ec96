import { describe, expect, it } from 'vitest';

import type { DrillOutcome } from '../../../src/archive/drill-outcome.ts';
import { drillPicture, drillProblems } from '../../../src/cluster/drill.ts';
import type { HostReport } from '../../../src/cluster/host-report.ts';
import { healthyReports } from '../../support/report.ts';
import { specOf } from '../../support/target.ts';

const NOW = new Date('2026-11-24T12:00:00Z');
const SPEC = specOf(2, { backup: { repository: { type: 'posix', path: '/repo' }, drill: { maxAgeDays: 8 } } });

function outcome(at: string, change: Partial<DrillOutcome> = {}): DrillOutcome {
  const lastGood = { at, rtoMs: 9000, rpoMs: 1000, databaseBytes: 1 };
  return { at, result: 'passed', problems: [], durationMs: 1, lastTransactionAt: null, lastGood, ...change };
}

function problems(...outcomes: DrillOutcome[]): string[] {
  const reports = [...healthyReports(SPEC)].map(([name, report], index): [string, HostReport] => {
    const archive = { repository: { isThere: false as const, why: '' }, archiver: undefined, freeBytes: undefined };
    return [name, { ...report, archive: { ...archive, drill: outcomes[index] } }];
  });
  return drillProblems(SPEC.backup?.drill, drillPicture(new Map(reports)), NOW).map(({ id }) => id);
}

describe('restore drills in the status', () => {
  it('says when there was none, when the last failed, and when the last good one is old', () => {
    expect(problems()).toEqual(['drill-missing']);
    expect(problems(outcome('2026-11-20T04:00:00Z'))).toEqual([]);
    expect(problems(outcome('2026-11-15T04:00:00Z'))).toEqual(['drill-old']);
    const failed = outcome('2026-11-23T04:00:00Z', { result: 'failed', problems: ['a page'] });
    expect(problems(outcome('2026-11-20T04:00:00Z'), failed)).toEqual(['drill-failed']);
  });

  it('counts the newest one, wherever it was made', () => {
    const failed = outcome('2026-11-20T04:00:00Z', { result: 'failed', problems: ['a page'], lastGood: null });
    expect(problems(failed, outcome('2026-11-23T04:00:00Z'))).toEqual([]);
  });

  it('asks for nothing where the spec has no drill', () => {
    expect(drillProblems(undefined, null, NOW)).toEqual([]);
  });
});
