import { describe, expect, it } from 'vitest';

import { backupMember } from '../../../src/archive/backup-member.ts';
import { lsnText, parseLsn, parseSegment, segmentName, segmentOf } from '../../../src/archive/segment.ts';
import { routeTo, type RouteAnswer, type Target } from '../../../src/archive/target.ts';
import { Lineage, parseHistory } from '../../../src/archive/timeline.ts';
import { windowsOf } from '../../../src/archive/window.ts';
import { backupAt, catalogueOf, MINUTE_MS, secondsAt, SEGMENT } from '../../support/catalogue.ts';

describe('segments', () => {
  it.each([
    ['000000010000000000000001', 1, 1],
    ['0000000A00000002000000FF', 10, 2 * 256 + 255],
  ])('%s', (name, timeline, number) => {
    expect(parseSegment(name)).toEqual({ timeline, number });
    expect(segmentName({ timeline, number })).toBe(name);
  });

  it.each(['00000002.history', '000000010000000000000001.partial', '000000010000000000000001.00000028.backup'])(
    '%s is none',
    (name) => expect(parseSegment(name)).toBeUndefined(),
  );

  it('positions', () => {
    expect(parseLsn('1/6B374D48')).toBe(2 ** 32 + 0x6b374d48);
    expect(lsnText(2 ** 32 + 0x6b374d48)).toBe('1/6B374D48');
    expect(segmentOf(parseLsn('0/3000028') ?? 0)).toBe(3);
    expect(parseLsn('nonsense')).toBeUndefined();
  });
});

describe('timelines', () => {
  const ancestors = parseHistory('1\t0/5000000\tno recovery target specified\n\n2\t0/8000100\tbefore 2026\n');

  it('reads a history file', () => {
    expect(ancestors).toEqual([
      { timeline: 1, endLsn: 5 * SEGMENT },
      { timeline: 2, endLsn: 8 * SEGMENT + 0x100 },
    ]);
  });

  it('finds each segment under the timeline that has it', () => {
    const lineage = new Lineage(3, ancestors);
    expect([4, 5, 7, 8, 9].map((number) => lineage.segmentAt(number).timeline)).toEqual([1, 2, 2, 3, 3]);
    expect(lineage.holds(1, 5 * SEGMENT)).toBe(true);
    expect(lineage.holds(1, 5 * SEGMENT + 1)).toBe(false);
    expect(lineage.holds(4, 1)).toBe(false);
  });

  // Seen on hosts: a restore to before timeline 3 began, along timeline 3, has a history that goes back and forth.
  it('a restore to before its parent began leaves the grandparent there, too', () => {
    const history = '1\t0/1768EE0\tx\n2\t0/14FACCA8\tx\n3\t0/B8F8920\tbefore 2026-11-28\n';
    const lineage = new Lineage(4, parseHistory(history));
    expect(lineage.segmentAt(0x0a)).toEqual({ timeline: 2, number: 0x0a });
    expect(lineage.segmentAt(0x0b)).toEqual({ timeline: 4, number: 0x0b });
    expect(lineage.segmentAt(0x14)).toEqual({ timeline: 4, number: 0x14 });
    expect([lineage.holds(2, 0x0a000000), lineage.holds(2, 0x10000000)]).toEqual([true, false]);
  });
});

describe('windows', () => {
  it('none without a backup, and one to the last segment', () => {
    expect(windowsOf(catalogueOf({ segments: [[1, 1, 9]] }))).toEqual([]);
    const [window, ...rest] = windowsOf(catalogueOf({ backups: [backupAt(3)], segments: [[1, 1, 9]] }));
    expect(rest).toEqual([]);
    expect(window).toMatchObject({ timeline: 1, toLsn: 10 * SEGMENT, backups: ['B3'], missing: null });
    expect(window?.toMs).toBe(secondsAt(9));
  });

  it('a missing segment ends a window, and the next backup begins another', () => {
    const windows = windowsOf(
      catalogueOf({
        backups: [backupAt(2), backupAt(4), backupAt(8)],
        segments: [
          [1, 1, 5],
          [1, 7, 9],
        ],
      }),
    );
    expect(windows.map(({ backups, missing }) => [backups, missing])).toEqual([
      [['B2', 'B4'], '000000010000000000000006'],
      [['B8'], null],
    ]);
  });

  it('a backup whose own WAL is missing restores nothing', () => {
    expect(windowsOf(catalogueOf({ backups: [backupAt(5)], segments: [[1, 1, 4]] }))).toEqual([]);
  });

  it('goes on along a timeline that left its parent, from the parent’s backup', () => {
    const histories = new Map([[2, [{ timeline: 1, endLsn: 6 * SEGMENT + 10 }]]]);
    const segments: [number, number, number][] = [
      [1, 1, 6],
      [2, 6, 8],
    ];
    const windows = windowsOf(catalogueOf({ backups: [backupAt(2)], segments, histories }));
    expect(windows.map(({ timeline, fromLsn, toLsn }) => [timeline, fromLsn / SEGMENT, toLsn / SEGMENT])).toEqual([
      [1, 3, 7],
      [2, 6 + 10 / SEGMENT, 9],
    ]);
  });

  it('a gap before the switch leaves nothing on the new timeline', () => {
    const histories = new Map([[2, [{ timeline: 1, endLsn: 6 * SEGMENT }]]]);
    const segments: [number, number, number][] = [
      [1, 1, 4],
      [2, 6, 8],
    ];
    const windows = windowsOf(catalogueOf({ backups: [backupAt(2)], segments, histories }));
    expect(windows.map(({ timeline }) => timeline)).toEqual([1]);
  });
});

describe('routes', () => {
  const catalogue = catalogueOf({ backups: [backupAt(2), backupAt(5)], segments: [[1, 1, 9]] });
  const nowMs = secondsAt(60);
  const to = (target: Target, timeline?: number): string => told(routeTo(catalogue, target, nowMs, timeline));
  const told = (answer: RouteAnswer): string => (answer.isPossible ? answer.route.backup.label : answer.why);

  it.each([
    ['the newest backup before a time', { kind: 'time', atMs: secondsAt(7) }, 'B5'],
    ['an older one between the two', { kind: 'time', atMs: secondsAt(4) }, 'B2'],
    ['the same second as the end of a backup: the one before', { kind: 'time', atMs: secondsAt(5) + 900 }, 'B2'],
    ['a second later: that backup', { kind: 'time', atMs: secondsAt(5) + 1000 }, 'B5'],
    ['a position', { kind: 'lsn', lsn: 6 * SEGMENT }, 'B5'],
    ['a position on the boundary of two segments', { kind: 'lsn', lsn: 9 * SEGMENT }, 'B5'],
    ['a position just before the end of a backup', { kind: 'lsn', lsn: 6 * SEGMENT - 1 }, 'B2'],
    ['a transaction: nobody knows when, so the oldest', { kind: 'xid', xid: '744' }, 'B2'],
    ['a name, likewise', { kind: 'name', name: 'before-drop' }, 'B2'],
    ['the latest', { kind: 'latest' }, 'B5'],
    ['a backup as it is', { kind: 'backup', label: 'B2' }, 'B2'],
  ] as const)('%s', (_name, target, label) => expect(to(target)).toBe(label));

  it.each([
    ['the future', { kind: 'time', atMs: nowMs + 1 }, /is in the future/u],
    ['before the first backup', { kind: 'time', atMs: secondsAt(2) }, /before the end of the first backup, B2/u],
    ['a position before it', { kind: 'lsn', lsn: SEGMENT }, /^0\/1000000 is before 0\/3000000/u],
    [
      'after the end of the archive',
      { kind: 'time', atMs: secondsAt(10) },
      /the archive ends.*00000001000000000000000A/u,
    ],
    [
      'the position at its end, whose record is in the next segment',
      { kind: 'lsn', lsn: 10 * SEGMENT },
      /before 0\/A000000; .* 00000001000000000000000A/u,
    ],
    ['a position after it', { kind: 'lsn', lsn: 11 * SEGMENT }, /that is not there is 00000001000000000000000A/u],
    ['a backup that is not there', { kind: 'backup', label: 'B9' }, /no backup B9/u],
  ] as const)('refuses %s', (_name, target, why) => expect(to(target)).toMatch(why));

  it('says when more WAL would help', () => {
    const short = (target: Target): boolean | undefined => {
      const answer = routeTo(catalogue, target, nowMs);
      return answer.isPossible ? undefined : answer.isShort;
    };
    expect(short({ kind: 'time', atMs: secondsAt(10) })).toBe(true);
    expect(short({ kind: 'lsn', lsn: 10 * SEGMENT })).toBe(true);
    expect(short({ kind: 'time', atMs: secondsAt(1) })).toBe(false);
    expect(short({ kind: 'time', atMs: nowMs + 1 })).toBe(false);
  });

  it('refuses a timeline that is not there', () => {
    expect(to({ kind: 'latest' }, 7)).toBe('the repository has no timeline 7; it has 1');
  });

  it('names the first missing segment in the middle', () => {
    const gap = catalogueOf({
      backups: [backupAt(2)],
      segments: [
        [1, 1, 4],
        [1, 6, 9],
      ],
    });
    const answer = routeTo(gap, { kind: 'time', atMs: secondsAt(8) }, nowMs);
    expect(told(answer)).toMatch(/segment 000000010000000000000005 is missing, before/u);
    expect(told(routeTo(gap, { kind: 'latest' }, nowMs))).toMatch(
      /000000010000000000000005 is missing, and there is WAL/u,
    );
    expect(told(routeTo(gap, { kind: 'time', atMs: secondsAt(4) }, nowMs))).toBe('B2');
  });

  it('takes a backup as it is along its own timeline', () => {
    const histories = new Map([[2, [{ timeline: 1, endLsn: 5 * SEGMENT }]]]);
    const segments: [number, number, number][] = [
      [1, 1, 8],
      [2, 5, 6],
    ];
    const left = catalogueOf({ backups: [backupAt(2), backupAt(7)], segments, histories });
    const answer = routeTo(left, { kind: 'backup', label: 'B7' }, nowMs);
    expect(answer).toMatchObject({ isPossible: true, route: { timeline: 1, backup: { label: 'B7' } } });
    expect(told(routeTo(left, { kind: 'backup', label: 'B7' }, nowMs, 2))).toBe(
      'there is no backup B7 from which timeline 2 can be reached',
    );
  });

  it('counts the WAL from the backup to the target', () => {
    const answer = routeTo(catalogue, { kind: 'lsn', lsn: 8 * SEGMENT + 5 }, nowMs);
    expect(answer).toMatchObject({ isPossible: true, route: { walBytes: 4 * SEGMENT, timeline: 1 } });
  });

  it('times are those of the archive', () => {
    expect(secondsAt(1) - secondsAt(0)).toBe(MINUTE_MS);
  });
});

describe('who makes the backup', () => {
  const leader = { name: 'pg1', role: 'leader', state: 'running' };
  const standby = (
    name: string,
    lag: number | string,
    state = 'streaming',
  ): Parameters<typeof backupMember>[0][number] => ({
    name,
    role: 'replica',
    state,
    lag,
  });

  it.each([
    ['the standby that is the least behind', [leader, standby('pg2', 900), standby('pg3', 0)], 'pg3'],
    ['by name among equals', [standby('pg3', 0), leader, standby('pg2', 0)], 'pg2'],
    ['not one that does not stream', [leader, standby('pg2', 0, 'starting'), standby('pg3', 'unknown')], 'pg3'],
    ['the primary when there is no other', [leader, standby('pg2', 0, 'stopped')], 'pg1'],
    ['nobody', [standby('pg2', 0, 'stopped')], undefined],
  ])('%s', (_name, members, chosen) => expect(backupMember(members)).toBe(chosen));
});
