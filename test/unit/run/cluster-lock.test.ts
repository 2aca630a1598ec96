import { afterEach, describe, expect, it } from 'vitest';

import { PgscaleError } from '../../../src/errors/pgscale-error.ts';
import { takeClusterLock } from '../../../src/operations/apply/index.ts';
import type { ClusterSession } from '../../../src/operations/cluster-session.ts';
import { majority } from '../../../src/run/lock.ts';
import { FakeHost } from '../../support/fake-host.ts';
import { SECRETS, specOf } from '../../support/target.ts';

const LOCK = /flock -n 9/u;
const held: AsyncDisposable[] = [];
afterEach(async () => {
  for (const lock of held.splice(0)) await lock[Symbol.asyncDispose]();
});

/** Three dcs hosts, of which only these answer. */
function sessionWith(hosts: readonly FakeHost[]): ClusterSession {
  const fleet = { hosts: new Map(hosts.map((host) => [host.name, host])), failures: [] };
  return { spec: specOf(3), secrets: SECRETS, fleet } as unknown as ClusterSession;
}

async function take(hosts: readonly FakeHost[]): Promise<PgscaleError | undefined> {
  try {
    held.push(await takeClusterLock(sessionWith(hosts), 'switchover', { forMs: 0 }));
    return undefined;
  } catch (error) {
    if (error instanceof PgscaleError) return error;
    throw error;
  }
}

const free = (name: string): FakeHost => new FakeHost(name).answer(LOCK, { stdout: 'HELD\n' });
const busy = (name: string): FakeHost => new FakeHost(name).answer(LOCK, { stdout: 'BUSY ada@desk, pid 7: apply\n' });

describe('the lock of a cluster', () => {
  it('needs so many of the hosts with a vote that any two such groups have one in common', () => {
    expect([1, 2, 3, 4, 5].map(majority)).toEqual([1, 2, 2, 3, 3]);
  });

  it('is taken on every dcs host that answers, when these are a majority', async () => {
    const hosts = [free('pg1'), free('pg3')];
    expect(await take(hosts)).toBeUndefined();
    expect(hosts.map(({ sessions }) => sessions.length)).toEqual([1, 1]);
  });

  it('is refused by one host where somebody else holds it, who is named', async () => {
    const error = await take([free('pg1'), busy('pg3')]);
    expect(error?.code).toBe('PGS_LOCKED');
    expect(error?.why).toContain('ada@desk, pid 7: apply');
  });

  it('needs a majority: another run may hold it on the hosts that this one cannot reach', async () => {
    const host = free('pg1');
    expect((await take([host]))?.code).toBe('PGS_QUORUM');
    expect(host.sessions).toEqual([]);
  });
});
