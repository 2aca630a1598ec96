import { describe, expect, it } from 'vitest';

import { endIn, leftEarly, noRoom } from '../../../../src/agent/drill/repository.ts';
import { fullBackup } from '../../../support/full-backup.ts';

const STATUS = { code: 0, message: 'ok', lock: { backup: { held: false } } };

function stanza(name: string, archive: object[], sizes: number[]): object {
  const backup = sizes.map((size) => fullBackup('20261124-040000F', size));
  return { name, archive, backup, db: [{ id: 1, version: '18' }], repo: [{ status: STATUS }], status: STATUS };
}

const answer = JSON.stringify([
  stanza('other', [{ id: '18-1', min: null, max: null }], []),
  stanza(
    'orders',
    [
      { id: '17-1', min: '000000010000000000000001', max: '000000010000000000000099' },
      { id: '18-2', min: '000000010000000000000001', max: '000000020000000000000004' },
    ],
    [500, 700],
  ),
]);

describe('the end of the archive', () => {
  const end = endIn(answer, 'orders');

  it('is the last segment of the present version', () => {
    expect(end.last).toEqual({ timeline: 2, number: 4 });
    expect(endIn(answer, 'other').last).toBeUndefined();
    expect(endIn(answer, 'nobody').last).toBeUndefined();
    expect(endIn('no answer', 'orders').last).toBeUndefined();
  });

  it('is reached in its last segment, which may be filled in part', () => {
    expect(leftEarly(end, { timeline: 2, endLsn: 0x4000028 })).toBeUndefined();
    expect(leftEarly(end, { timeline: 2, endLsn: 0x5000000 })).toBeUndefined();
    expect(leftEarly(end, { timeline: 2, endLsn: 0x3ffffff })).toBe(
      'it was replayed to 0/3FFFFFF, the archive goes on to 0/5000000',
    );
  });

  // The old primary had archived more than the new one took over, and the new timeline has nothing yet.
  it('says nothing of another timeline, nor when it is not known', () => {
    expect(leftEarly(end, { timeline: 3, endLsn: 0x3000000 })).toBeUndefined();
    expect(leftEarly(end, undefined)).toBeUndefined();
    expect(leftEarly({ ...end, last: undefined }, { timeline: 2, endLsn: 1 })).toBeUndefined();
  });
});

describe('room for a drill', () => {
  const GIB = 1024 ** 3;

  it('is that of the newest backup and a tenth of it, or 1 GiB', () => {
    expect(endIn(answer, 'orders').databaseBytes).toBe(700);
    expect(noRoom({ databaseBytes: 100 * GIB }, 110 * GIB, '/drill')).toBeUndefined();
    expect(noRoom({ databaseBytes: 100 * GIB }, 110 * GIB - 1, '/drill')).toMatch(/needed in \/drill/u);
    expect(noRoom({ databaseBytes: GIB }, 2 * GIB, '/drill')).toBeUndefined();
    expect(noRoom({ databaseBytes: GIB }, 2 * GIB - 1, '/drill')).toContain('no room');
    expect(noRoom({ databaseBytes: undefined }, 0, '/drill')).toBeUndefined();
  });
});
