import { setTimeout as sleep } from 'node:timers/promises';

import { describe, expect, it, vi } from 'vitest';

import { answerTimeoutMs, StallMeter, type Writer } from '../../../../src/operations/switchover/stall-meter.ts';
import { specOf } from '../../../support/target.ts';

const NEVER = new Promise<never>(() => undefined);

/** A connection that acknowledges so many writes; then its host has lost its power. */
function writerThat(acknowledges: number): { writer: Writer; destroy: ReturnType<typeof vi.fn> } {
  let count = 0;
  const destroy = vi.fn();
  const query = (): Promise<unknown> => ((count += 1) <= acknowledges ? Promise.resolve({}) : NEVER);
  return { writer: { client: { query, end: () => NEVER }, socket: { destroy } } as unknown as Writer, destroy };
}

describe('the writer beside a switchover', () => {
  it('is over within about a second when nobody answers it any more, and has seen that', async () => {
    const { writer, destroy } = writerThat(1);
    const meter = await StallMeter.with(writer);
    await sleep(100);
    expect(meter.result().writeStallMs).toBeGreaterThanOrEqual(90);
    const startedAt = performance.now();
    await meter[Symbol.asyncDispose]();
    expect(performance.now() - startedAt).toBeLessThan(1500);
    expect(destroy).toHaveBeenCalled();
  });

  it('waits for the goodbye no longer either', async () => {
    const { writer, destroy } = writerThat(Infinity);
    const meter = await StallMeter.with(writer);
    await meter[Symbol.asyncDispose]();
    expect(destroy).toHaveBeenCalled();
  });

  it.each(['fast', 'normal', 'wan'] as const)('waits longer than a hold lasts (%s)', (profile) => {
    const seconds = { fast: 30, normal: 60, wan: 120 }[profile];
    expect(answerTimeoutMs(specOf(3, { failover: { profile } }))).toBeGreaterThan(seconds * 1000);
  });
});
