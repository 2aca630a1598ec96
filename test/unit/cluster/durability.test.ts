import { describe, expect, it } from 'vitest';

import { confirmationsNeeded, durability } from '../../../src/cluster/durability.ts';
import { memberRow, standbyRow } from '../../support/report.ts';

const primary = (names: string, sync: string[], more = {}): ReturnType<typeof memberRow> =>
  memberRow({
    isInRecovery: false,
    synchronousStandbyNames: names,
    replication: sync.map((syncState, index) => standbyRow(`pg${index + 2}`, { syncState })),
    ...more,
  });

describe('durability', () => {
  it.each([
    ['one named standby', primary('pg2', ['sync', 'async']), 1, 'synchronous', 'the primary and of pg2'],
    ['any one of two', primary('ANY 1 (pg2,pg3)', ['quorum', 'quorum']), 1, 'synchronous', 'at least 1 of pg2, pg3'],
    ['both of two', primary('ANY 2 (pg2,pg3)', ['quorum', 'quorum']), 2, 'synchronous', 'the primary and of pg2, pg3'],
    ['one where two are wanted', primary('FIRST 1 (pg2)', ['sync']), 2, 'reduced', 'of pg2'],
    ['nobody asked for', primary('', ['async']), 1, 'asynchronous', 'the primary only'],
    ['the named one is away', primary('pg9', ['async']), 1, 'blocked', 'writes wait'],
    [
      'memory of the standby only',
      primary('pg2', ['sync'], { synchronousCommit: 'remote_write' }),
      1,
      'asynchronous',
      'only',
    ],
    ['no primary', undefined, 1, 'none', 'no primary'],
  ] as const)('%s', (_, row, wanted, ...[guarantee, text]) => {
    const found = durability(row, wanted);
    expect(found.guarantee).toBe(guarantee);
    expect(found.text).toContain(text);
  });

  it('does not count a synchronous standby that only catches up', () => {
    const row = primary('pg2', []);
    expect(
      durability({ ...row, replication: [standbyRow('pg2', { syncState: 'sync', state: 'catchup' })] }, 1).guarantee,
    ).toBe('blocked');
  });

  it.each([
    ['ANY 2 (a, b, c)', 2],
    ['FIRST 1 ("a-b")', 1],
    ['3 (a, b, c)', 3],
    ['a, b', 1],
    ['*', 1],
    ['any 1 (*)', 1],
  ])('%s waits for %d', (names, count) => {
    expect(confirmationsNeeded(names)).toBe(count);
  });
});
