import { describe, expect, it } from 'vitest';

import { isPrimaryData } from '../../../../src/operations/restore/in-place/go-back.ts';
import { promoteScript, stopScript, swapScript } from '../../../../src/operations/restore/in-place/scripts.ts';
import { beginsAnew, keptDirectory } from '../../../../src/operations/restore/in-place/state.ts';
import { restoreScript, sideConfiguration, sideUnitFile } from '../../../../src/operations/restore/server.ts';
import { targetFromFlags } from '../../../../src/operations/restore/request.ts';
import { IN_PLACE } from '../../../../src/spec/restore-places.ts';
import { INTO_NEW, isAsked, type Side } from '../../../../src/operations/restore/side.ts';
import { specOf } from '../../../support/target.ts';

const spec = specOf(3, { backup: { repository: { type: 'posix', path: '/repo' } } });
const side: Side = {
  name: IN_PLACE,
  host: 'pg1',
  port: 5532,
  target: 'name here',
  backup: 'B3',
  timeline: 2,
  createdAt: '2026-11-28T18:07:07.123Z',
};
const DATA = '/var/lib/postgresql/18/orders';

describe('a restore in place that is run again', () => {
  it('is another one along another timeline', () => {
    const { target } = side;
    expect([2, undefined, 3].map((timeline) => isAsked(side, { target, timeline }))).toEqual([true, true, false]);
    expect(isAsked(side, { target: 'name there', timeline: 2 })).toBe(false);
  });

  it.each([
    ['files', true, true, true],
    ['restored', false, false, true],
    ['promoted', false, false, false],
    ['swapped', false, false, false],
  ] as const)(
    'at %s, begins anew to a name: %s, to the latest, which it follows: %s, of another cluster: %s',
    (phase, toName, toLatest, intoNew) => {
      expect(beginsAnew({ phase, side }, { kind: 'name', name: 'here' })).toBe(toName);
      expect(beginsAnew({ phase, side }, { kind: 'latest' })).toBe(toLatest);
      expect(beginsAnew({ phase, side: { name: INTO_NEW } }, { kind: 'latest' })).toBe(intoNew);
    },
  );
});

describe('who led before members were stopped', () => {
  it.each([
    ['in production', true],
    ['shut down', true],
    ['shut down in recovery', false],
    ['in archive recovery', false],
  ])('%s: %s', (state, hasLed) => {
    const control = `pg_control version number:            1800\nDatabase cluster state:               ${state}\nx: 1\n`;
    expect(isPrimaryData(control)).toBe(hasLed);
  });
});

describe('a restore in place', () => {
  it('keeps the data of before under a name that says when', () => {
    expect(keptDirectory(spec, side)).toBe(`${DATA}.before-20261128T180707`);
  });

  it('moves the data aside only while the copy is there, and the copy in by a rename', () => {
    const lines = swapScript(spec, side).split('\n');
    const at = (text: string): number => lines.findIndex((line) => line.includes(text));
    expect(lines[1]).toBe(`[ -d ${DATA}.restore/in-place/data ] || exit 0`);
    expect(at(`mv -T ${DATA} ${DATA}.before-20261128T180707`)).toBeGreaterThan(at('postgresql.auto.conf'));
    expect(at(`mv -T ${DATA}.restore/in-place/data ${DATA}`)).toBe(at('.before-') + 1);
  });

  it('keeps a member from starting before it stops it', () => {
    const text = stopScript(spec);
    expect(text.indexOf('systemctl mask')).toBeLessThan(text.indexOf('systemctl stop'));
  });

  it('marks the copy as promoted only when it is shut down and on the disk', () => {
    const lines = promoteScript(spec, side).trimEnd().split('\n');
    expect(lines.at(-1)).toBe(`echo "$timeline" >${DATA}.restore/in-place/promoted`);
    expect(lines.at(-2)).toContain('sync');
    expect(lines.at(-3)).toContain('shut down');
  });

  it('writes to the disk as a cluster does, listens to nobody and archives later', () => {
    const host = spec.hosts[0];
    if (host === undefined) throw new Error('the spec has hosts');
    const content = sideConfiguration(spec, host, { ...side, control: '' });
    expect(content).toContain("wal_keep_size = '1GB'");
    expect(content).toContain("listen_addresses = ''");
    expect(content).not.toContain('fsync = off');
    expect(sideUnitFile(spec, side)).toContain('-c archive_mode=on -c archive_command= ');
    expect(sideUnitFile(spec, { name: 'side', port: 5532 })).toContain('-c archive_mode=off ');
    const target = targetFromFlags({ name: 'here' });
    const files = {
      spec,
      archive: spec.cluster,
      name: IN_PLACE,
      backup: 'B3',
      timeline: 2,
      target,
      isExclusive: false,
    };
    const script = restoreScript(files);
    expect(script).not.toContain('--archive-mode');
    const spool = `${DATA}.restore/in-place/spool`;
    const restore = script.split('\n').find((line) => line.includes(' restore '));
    expect(restore).toContain(
      ` restore --pg1-path=${DATA}.restore/in-place/data --spool-path=${spool} --lock-path=${spool} `,
    );
    expect(script.indexOf('install -d')).toBeLessThan(script.indexOf(' restore '));
  });
});
