import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { takeLock } from '../../../src/run/lock.ts';
import { runStages } from '../../../src/run/run-stages.ts';
import type { Step } from '../../../src/run/step.ts';
import { FakeHost } from '../../support/fake-host.ts';

const LOCK = /flock -n 9/u;
const HOLDER = { user: 'ada', machine: 'desk', pid: 7, command: 'pgscale apply', since: '2026-11-29T10:00:00.000Z' };
const SELF = 'ada@desk, pid 7, since 2026-11-29T10:00:00.000Z: pgscale apply';
const OTHER = 'bob@laptop, pid 9, since 2026-11-29T10:05:00.000Z: pgscale switchover';

const held: AsyncDisposable[] = [];
const done: string[] = [];

beforeEach(() => {
  done.length = 0;
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'setInterval', 'clearInterval'], now: 1_800_000_000_000 });
});
afterEach(async () => {
  for (const lock of held.splice(0)) await lock[Symbol.asyncDispose]();
  vi.useRealTimers();
});

async function take(names: readonly string[]): Promise<FakeHost[]> {
  const hosts = names.map((name) => new FakeHost(name).answer(LOCK, { stdout: 'HELD \n' }));
  held.push(await takeLock({ cluster: 'orders', hosts, voters: names.length }, HOLDER, { forMs: 0 }));
  return hosts;
}

/** The session breaks; whoever asks for the lock after that is told this. */
function lose(host: FakeHost, answer: string): void {
  host.sessions.at(-1)?.end();
  host.answer(LOCK, { stdout: `${answer}\n` });
}

/** Two steps, one after the other; this happens during the first. */
function twoSteps(during: () => void): Promise<unknown> {
  const step = (id: string, run: () => void): Step => ({
    id,
    title: `Restart ${id}`,
    deadlineMs: 600_000,
    run: async () => {
      run();
      done.push(id);
    },
  });
  const steps = [step('pg2', during), step('pg3', () => undefined)];
  return runStages([{ title: '1', steps, serial: true }], { style: 'silent', signal: new AbortController().signal });
}

describe('a lock that is lost while the run goes on', () => {
  it('stops the run before its next step, and says who has the lock and what is done', async () => {
    const hosts = await take(['pg1', 'pg2', 'pg3']);
    const run = twoSteps(() => hosts.slice(0, 2).forEach((host) => lose(host, `BUSY ${OTHER}`)));
    await expect(run).rejects.toMatchObject({
      code: 'PGS_LOCK_LOST',
      exitCode: 5,
      why: `held now by ${OTHER}\ndone so far: Restart pg2`,
    });
    expect(done).toEqual(['pg2']);
  });

  it('stops it too when the other run has come and gone', async () => {
    const [host] = await take(['pg1']);
    const run = twoSteps(() => host && lose(host, `HELD ${OTHER}`));
    await expect(run).rejects.toMatchObject({
      code: 'PGS_LOCK_LOST',
      why: `nobody holds it now; in between it was held by ${OTHER}\ndone so far: Restart pg2`,
    });
  });

  it('is no loss where one host of three is away, or comes back after somebody tried it', async () => {
    const hosts = await take(['pg1', 'pg2', 'pg3']);
    await twoSteps(() => hosts[0] && lose(hosts[0], ''));
    expect(done).toEqual(['pg2', 'pg3']);
    hosts[0]?.answer(LOCK, { stdout: `HELD ${OTHER}\n` });
    await vi.advanceTimersByTimeAsync(10_000);
    await twoSteps(() => hosts[1] && lose(hosts[1], ''));
    expect(done).toEqual(['pg2', 'pg3', 'pg2', 'pg3']);
  });

  it('is no loss where the host still keeps it for the session that broke', async () => {
    const [host] = await take(['pg1']);
    const run = twoSteps(() => host && lose(host, `BUSY ${SELF}`));
    await vi.advanceTimersByTimeAsync(20_000);
    expect(done).toEqual(['pg2']);
    host?.answer(LOCK, { stdout: `HELD ${SELF}\n` });
    await vi.advanceTimersByTimeAsync(2000);
    await run;
    expect(done).toEqual(['pg2', 'pg3']);
  });

  it('is noticed after a sleep in which no timer of ours went off', async () => {
    const [host] = await take(['pg1']);
    const run = twoSteps(() => {
      vi.setSystemTime(Date.now() + 60_000);
      if (host) lose(host, `BUSY ${OTHER}`);
    });
    await expect(run).rejects.toMatchObject({ code: 'PGS_LOCK_LOST' });
  });

  it('is given up when no majority of the hosts can be asked for a minute', async () => {
    const [host] = await take(['pg1']);
    const run = twoSteps(() => host && lose(host, ''));
    const outcome = expect(run).rejects.toMatchObject({
      code: 'PGS_LOCK_LOST',
      why: 'who holds it now is not known:\npg1 does not say who has the lock\ndone so far: Restart pg2',
    });
    await vi.advanceTimersByTimeAsync(80_000);
    await outcome;
  });
});
