import { describe, expect, it } from 'vitest';

import type { Host } from '../../../../src/host/host.ts';
import { Valve } from '../../../../src/operations/switchover/valve.ts';

/** A valve on a host that answers each order in its own time. */
function hostThatAnswers(answers: Readonly<Record<string, { text: string; afterMs: number }>>): Host {
  const session = (_command: unknown, hear: (text: string) => void) => {
    const say = (text: string): void => hear(`${text}\n`);
    setTimeout(() => say('armed 2'), 1);
    return Promise.resolve({
      write: (line: string) => {
        const answer = answers[line.trim()];
        if (answer !== undefined) setTimeout(() => say(answer.text), answer.afterMs);
      },
      ended: new Promise(() => undefined),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    });
  };
  return { name: 'pg1', session } as unknown as Host;
}

describe('the valve of a host', () => {
  it.each([
    { pausedMs: 40, leavingMs: 10 },
    { pausedMs: 10, leavingMs: 40 },
  ])('hears the answers to two orders at once, each when it comes: %j', async ({ pausedMs, leavingMs }) => {
    const answers = { pause: { text: 'paused', afterMs: pausedMs }, leave: { text: 'leaving', afterMs: leavingMs } };
    await using valve = await Valve.arm(hostThatAnswers(answers));
    const startedAt = performance.now();
    await Promise.all([valve.pause(3000), valve.leave()]);
    expect(performance.now() - startedAt).toBeLessThan(1500);
  });

  it.each([
    [{ resume: { text: 'resumed', afterMs: 1 } }, true],
    [{}, false],
  ])('knows whether its host has let the clients go on: %j', async (answers, isResumed) => {
    const valve = await Valve.arm(hostThatAnswers(answers));
    await valve[Symbol.asyncDispose]();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(valve.isResumed).toBe(isResumed);
  });

  it('hears that its host expects the primary, and does not take that for a reason of a failure', async () => {
    const answers = {
      expect: { text: 'expecting', afterMs: 1 },
      pause: { text: 'failed pause: no console', afterMs: 20 },
    };
    await using valve = await Valve.arm(hostThatAnswers(answers));
    await valve.expect();
    await expect(valve.pause(3000)).rejects.toMatchObject({ why: 'failed pause: no console' });
  });

  it('says which host did not pause, and why', async () => {
    const answers = { pause: { text: 'failed pause: no console', afterMs: 1 } };
    await using valve = await Valve.arm(hostThatAnswers(answers));
    await expect(valve.pause(3000)).rejects.toMatchObject({
      code: 'PGS_POOLER',
      host: 'pg1',
      why: expect.stringContaining('no console') as string,
    });
  });

  it('speaks of transactions that do not end only where they were waited for', async () => {
    const failed = (order: string) => ({ [order]: { text: `failed ${order}: no`, afterMs: 1 } });
    await using busy = await Valve.arm(hostThatAnswers(failed('pause')));
    await expect(busy.pause(3000)).rejects.toMatchObject({ next: [expect.stringContaining('transactions')] });
    await using away = await Valve.arm(hostThatAnswers(failed('route pg2 pg3')));
    await expect(away.route('pg2', 'pg3')).rejects.toMatchObject({ next: ['pgscale status', 'pgscale pooler status'] });
  });
});
