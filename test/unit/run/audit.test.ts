import { describe, expect, it } from 'vitest';

import { timesOfChange } from '../../../src/run/audit.ts';
import { FakeHost } from '../../support/fake-host.ts';

const line = (at: string, change: string, result = 'ok'): string =>
  JSON.stringify({ at, by: 'a@b', command: 'restore-point create', changes: [change], result, durationMs: 1 });

describe('what the audit log of a host tells', () => {
  it('is when a change went well; not of one that failed, of another one, or of half a line', async () => {
    const host = new FakeHost().answer(/^grep -aF -- '"restore point here"'/u, {
      stdout: [
        line('2026-11-01T00:00:00.000Z', 'restore point here'),
        line('2026-11-02T00:00:00.000Z', 'restore point here', 'failed'),
        line('2026-11-03T00:00:00.000Z', 'said "restore point here"'),
        '{"at":"2026-11-04T00:00:00.000Z","changes":["restore point here',
      ].join('\n'),
    });
    expect(await timesOfChange(host, 'restore point here')).toEqual(['2026-11-01T00:00:00.000Z']);
  });

  it('is nothing where there is no log', async () => {
    const host = new FakeHost().answer(/^grep/u, { exitCode: 2, stderr: 'No such file' });
    expect(await timesOfChange(host, 'restore point here')).toEqual([]);
  });
});
