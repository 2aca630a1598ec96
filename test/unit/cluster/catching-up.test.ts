import { describe, expect, it } from 'vitest';

import {
  catchingUpText,
  readCatchingUp,
  recoveringAt,
  ReplayProgress,
  Standstill,
} from '../../../src/cluster/catching-up.ts';
import { FakeHost } from '../../support/fake-host.ts';
import { standbyRow } from '../../support/report.ts';
import { specOf } from '../../support/target.ts';

const spec = specOf(3);
const PS = 'ps -C postgres -o args=';
const MB = 1024 ** 2;

const primary = (streaming: readonly string[]): FakeHost =>
  new FakeHost('pg1').answer(/pg_stat_replication/u, {
    stdout: JSON.stringify([{ first: streaming.map((name) => standbyRow(name)), second: [{ bytes: 160 * MB }] }]),
  });

/** A standby at a position, or one that lets nobody in yet and says in its title what it reads. */
function standby(name: string, at: number | string): FakeHost {
  const host = new FakeHost(name);
  if (typeof at === 'number') {
    return host
      .answer(/psql/u, { stdout: JSON.stringify([{ bytes: at }]) })
      .answer(PS, { stdout: 'postgres: orders: startup' });
  }
  return host.answer(/psql/u, { exitCode: 2 }).answer(PS, { stdout: at });
}

describe('standbys that catch up', () => {
  it('are those that do not stream yet, with what they have still to replay', async () => {
    const hosts = [primary(['pg2']), standby('pg2', 160 * MB), standby('pg3', 100 * MB)];
    const [leader] = hosts;
    const found = leader && (await readCatchingUp(leader, hosts, spec));
    expect(found).toEqual([{ name: 'pg3', replayed: 100 * MB, behind: 60 * MB }]);
    expect(catchingUpText('1 of 2 standbys streams', found ?? [])).toBe(
      '1 of 2 standbys streams; pg3 is 62.9 MB behind',
    );
    expect(catchingUpText('no answer', [])).toBe('no answer');
  });

  it('are known by the title of the process while they let nobody in', async () => {
    const title = 'postgres: orders: startup recovering 000000020000000000000005';
    const hosts = [standby('pg2', 'postgres: orders: startup'), standby('pg3', title)];
    expect(await readCatchingUp(primary([]), hosts, spec)).toEqual([
      { name: 'pg3', replayed: 80 * MB, behind: 80 * MB },
    ]);
  });

  it('are not the copies beside the cluster', () => {
    expect(
      recoveringAt('postgres: restore monday: startup recovering 000000020000000000000005', 'orders'),
    ).toBeUndefined();
  });

  it('stand still when they have not moved for so long; one that was away begins anew', () => {
    const still = new Standstill(60_000);
    const look = (second: number, ...replayed: number[]): string[] =>
      still.note(
        replayed.map((each, index) => ({ name: `pg${index + 2}`, replayed: each, behind: 9 })),
        second * 1000,
      );
    expect(look(0, 5, 5)).toEqual([]);
    expect(look(59, 5, 6)).toEqual([]);
    expect(look(60, 5, 6)).toEqual(['pg2']);
    // It is copied anew, and stands still again.
    expect(look(61)).toEqual([]);
    expect(look(90, 5, 7)).toEqual([]);
    expect(look(149, 5, 7)).toEqual([]);
    expect(look(150, 5, 7)).toEqual(['pg2', 'pg3']);
    expect(look(151, 5, 7)).toEqual([]);
  });

  it('get on only where one is farther than ever before', () => {
    const progress = new ReplayProgress();
    const at = (name: string, replayed: number): number => {
      progress.note([{ name, replayed, behind: 0 }]);
      return progress.advances;
    };
    // It crashes at 7 and begins again at 5.
    expect([at('pg2', 5), at('pg2', 7), at('pg2', 5), at('pg2', 7), at('pg2', 8)]).toEqual([1, 2, 2, 2, 3]);
    expect(at('pg3', 1)).toBe(4);
  });
});
