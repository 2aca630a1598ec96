import { describe, expect, it } from 'vitest';

import { PgscaleError } from '../../../../src/errors/pgscale-error.ts';
import {
  againCommand,
  targetFromFlags,
  targetText,
  type TargetFlags,
} from '../../../../src/operations/restore/request.ts';
import { controlFloors, restoreScript, sideConfiguration } from '../../../../src/operations/restore/server.ts';
import { specOf } from '../../../support/target.ts';

const code = (flags: TargetFlags): string => {
  try {
    targetFromFlags(flags);
    return 'none';
  } catch (error) {
    return error instanceof PgscaleError ? error.code : String(error);
  }
};

describe('targets from flags', () => {
  it.each([
    ['2026-11-24 07:30:00+01', '2026-11-24 06:30:00+00', '2026-11-24T06:30:00Z'],
    ['2026-11-24T06:30:00.123456Z', '2026-11-24 06:30:00.123456+00', '2026-11-24T06:30:00.123Z'],
    ['2026-11-24 01:15 -05:30', '2026-11-24 06:45:00+00', '2026-11-24T06:45:00Z'],
    ['2026-11-24 06:30:00 UTC', '2026-11-24 06:30:00+00', '2026-11-24T06:30:00Z'],
  ])('%s', (to, literal, instant) => {
    const found = targetFromFlags({ to });
    expect(found.literal).toBe(literal);
    expect(found.target.kind === 'time' ? Math.floor(found.target.atMs) : 0).toBe(Date.parse(instant));
  });

  it.each([
    ['nothing', {}],
    ['two of them', { latest: true, lsn: '0/1' }],
    ['a time without a zone', { to: '2026-11-24 07:30:00' }],
    ['no time at all', { to: 'yesterday' }],
    ['a day that is not', { to: '2026-02-30 07:30:00Z' }],
    ['a month that is not', { to: '2026-13-01 07:30:00Z' }],
    ['no position', { lsn: 'x' }],
    ['no transaction', { xid: '-1' }],
    ['a transaction that would be read as octal', { xid: '0755' }],
    ['a name with a quote', { name: "a'b" }],
  ])('refuses %s', (_what, flags) => expect(code(flags)).toBe('PGS_USAGE'));

  it.each([
    [{ to: '2026-11-24 07:30:00.5+01' }, false, '--to "2026-11-24 06:30:00.5+00" --timeline 2'],
    [{ xid: '744' }, true, '--xid "744" --exclusive --timeline 2'],
    [{ name: 'before the migration' }, false, '--name "before the migration" --timeline 2'],
    [{ latest: true }, false, '--latest'],
  ])('that were begun are asked for again: %o', (flags, isExclusive, words) => {
    const target = targetText(targetFromFlags(flags), isExclusive);
    expect(againCommand({ target, timeline: 2 })).toBe(`pgscale restore --in-place ${words}`);
  });

  it('words', () => {
    expect(targetText(targetFromFlags({ latest: true }), false)).toBe('the latest');
    expect(targetText(targetFromFlags({ xid: '744' }), false)).toBe('xid 744');
    expect(targetText(targetFromFlags({ xid: '744' }), true)).toBe('xid 744, exclusive');
  });
});

describe('the restored server', () => {
  const spec = specOf(3, { backup: { repository: { type: 'posix', path: '/repo' } } });
  const script = (flags: TargetFlags, isExclusive = false): string =>
    restoreScript({
      spec,
      archive: spec.cluster,
      name: 'side',
      backup: 'B3',
      timeline: 2,
      target: targetFromFlags(flags),
      isExclusive,
    });

  it('has its own directory and tablespaces, an explicit backup and never archives', () => {
    const text = script({ to: '2026-11-24 06:30:00.5Z' });
    expect(text).toContain('--pg1-path=/var/lib/postgresql/18/orders.restore/side/data');
    expect(text).toContain('--tablespace-map-all=/var/lib/postgresql/18/orders.restore/side/tablespaces');
    expect(text).toContain("'--target=2026-11-24 06:30:00.5+00'");
    for (const word of [
      '--set=B3',
      '--type=time',
      '--target-timeline=2',
      '--archive-mode=off',
      '--target-action=pause',
    ]) {
      expect(text).toContain(word);
    }
    expect(text).not.toContain('--target-exclusive');
  });

  it.each([
    [{ latest: true }, '--type=default', '--target-action'],
    [{ backup: 'B3' }, '--type=immediate', '--target-timeline'],
  ])('%o', (flags, has, hasNot) => {
    const text = script(flags);
    expect(text).toContain(has);
    expect(text).not.toContain(hasNot);
  });

  it('exclusive', () => expect(script({ lsn: '0/5000000' }, true)).toContain('--target-exclusive'));

  it('is at least as large as the server that wrote the WAL', () => {
    const control =
      'wal_level setting:                    replica\nmax_connections setting:              900\nmax_locks_per_xact setting:           64\n';
    expect(controlFloors(control)).toEqual(
      new Map([
        ['max_connections', 900],
        ['max_locks_per_transaction', 64],
      ]),
    );
    const [host] = spec.hosts;
    const text = sideConfiguration(spec, host!, { name: 'side', port: 5532, control });
    expect(text).not.toContain('wal_keep_size');
    expect(text).toContain("max_connections = '900'");
    expect(text).toContain("max_locks_per_transaction = '256'");
    expect(text).toMatch(/^default_transaction_read_only = on$/mu);
  });
});
