import { describe, expect, it } from 'vitest';

import { parseConsole, pausedDatabases } from '../../../../src/components/pgbouncer/console.ts';
import {
  heldDatabases,
  resumedWithinSeconds,
  valveCommand,
  valveTimings,
} from '../../../../src/components/pgbouncer/valve.ts';
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
  it('holds new clients too, and leaves the pools of the standbys alone', () => {
    const held = heldDatabases(specOf(3));
    expect(held).toContain('pgscale_auth');
    expect(held.filter((name) => name.endsWith('_ro'))).toEqual([]);
  });

  it('lets go within ten seconds, and before PgBouncer turns clients away', () => {
    expect(resumedWithinSeconds(specOf(3))).toBeLessThanOrEqual(10);
    expect(valveTimings(specOf(3)).holdMs).toBeLessThan(30_000);
  });

  it('outlives the session, and is followed by a resume however it ends', () => {
    const { script } = valveCommand();
    expect(script).toMatch(/systemd-run .*ExecStopPost=\S*\/node .*resume-poolers.* valve /u);
  });
});
