import { execFileSync } from 'node:child_process';

import { describe, expect, it } from 'vitest';

import { parseConsole, pausedDatabases } from '../../../../src/components/pgbouncer/console.ts';
import { valveScript, valveTimings } from '../../../../src/components/pgbouncer/valve.ts';
import { specOf } from '../../../support/target.ts';

describe('the console of the poolers', () => {
  it('reads the answer of each process, whatever is in its text', () => {
    expect(parseConsole('2|0|a,b\tc|d\n1|1|ERROR:  no\nnoise')).toEqual([
      { process: 2, isOk: true, text: 'a,b\nc|d' },
      { process: 1, isOk: false, text: 'ERROR:  no' },
    ]);
  });

  it('finds what is paused by the name of the column', () => {
    expect(pausedDatabases('name,host,paused,disabled\napp,h,1,0\napp_ro,h,0,1')).toEqual(['app']);
    expect(pausedDatabases('psql: error')).toEqual([]);
  });
});

describe('the valve', () => {
  it('is a program that bash understands, and leaves the pools of the standbys alone', () => {
    const script = valveScript(specOf(3));
    execFileSync('bash', ['-n'], { input: script });
    expect(script).toContain('PAUSE "pgscale_auth";');
    expect(script).not.toContain('_ro"');
  });

  it('lets go within ten seconds, and before PgBouncer turns clients away', () => {
    const { silenceSeconds, graceSeconds, holdSeconds } = valveTimings(specOf(3));
    expect(Math.max(silenceSeconds, graceSeconds)).toBeLessThan(9);
    expect(holdSeconds).toBeLessThan(30);
  });
});
