import { describe, expect, it } from 'vitest';

import { renderRestoreDrill, renderSidePlan } from '../../../src/ui/restore.ts';

const shown = {
  side: { name: 'side', host: 'pg2', port: 5532, target: 'the latest' },
  plan: {
    route: { backup: { label: 'B3', stoppedAtMs: 0, databaseBytes: 1000 }, timeline: 2, walBytes: 0 },
    freeBytes: 2000,
    neededBytes: 1000,
  },
  estimateMs: 4000,
};

describe('how a restore will go', () => {
  it('tells a time in UTC and as the clock here shows it', () => {
    const side = { ...shown.side, target: 'time 2026-11-24 06:30:00.5+00' };
    const here = new Date('2026-11-24T06:30:00Z').toLocaleString(undefined, { timeZoneName: 'short' });
    expect(renderSidePlan({ ...shown, side })).toContain(`that is  2026-11-24 06:30:00 UTC (${here})`);
    expect(renderSidePlan(shown)).not.toContain('that is');
  });

  it('tells when the newest WAL will not be there, and why', () => {
    expect(renderSidePlan(shown)).not.toContain('newest WAL');
    const plan = { ...shown.plan, notArchived: 'it did not reach the repository within 60 s' };
    expect(renderSidePlan({ ...shown, plan })).toContain(
      'the newest WAL is not in the repository yet, and will be missing: it did not reach the repository within 60 s',
    );
  });
});

describe('how a drill went', () => {
  it.each([
    [4000, '4s of commits'],
    [0, '0ms of commits'],
    [null, 'unknown'],
  ])('an RPO of %s is told as %s', (rpoMs, told) => {
    const lastGood = { rtoMs: 9000, rpoMs, databaseBytes: 1 };
    const drill = { host: 'pg2', result: 'passed', problems: [], lastTransactionAt: null, lastGood };
    expect(renderRestoreDrill(drill)).toContain(`would have lost     ${told}`);
  });
});
