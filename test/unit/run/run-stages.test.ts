import { setTimeout as sleep } from 'node:timers/promises';

import { describe, expect, it } from 'vitest';

import { PgscaleError } from '../../../src/errors/pgscale-error.ts';
import type { RunEvent } from '../../../src/run/events.ts';
import { runStages } from '../../../src/run/run-stages.ts';
import type { Stage, Step } from '../../../src/run/step.ts';

const log: string[] = [];

function step(id: string, overrides: Partial<Step> = {}): Step {
  return { id, title: id, deadlineMs: 5000, run: async () => void log.push(id), ...overrides };
}

async function run(stages: Stage[], signal = new AbortController().signal): Promise<RunEvent[]> {
  log.length = 0;
  const events: RunEvent[] = [];
  await runStages(stages, { style: 'silent', signal, listener: (event) => events.push(event) });
  return events;
}

describe('runStages', () => {
  it('runs stages in order, and a serial stage one step at a time', async () => {
    const slow = step('slow', { run: async () => void (await sleep(20), log.push('slow')) });
    await run([
      { title: '1', steps: [slow, step('quick')] },
      { title: '2', steps: [{ ...slow, id: 'slow2' }, step('after')], serial: true },
    ]);
    expect(log).toEqual(['quick', 'slow', 'slow', 'after']);
  });

  it('skips what is done, with the reason', async () => {
    const events = await run([{ title: '1', steps: [step('a', { done: async () => 'already there' })] }]);
    expect(log).toEqual([]);
    expect(events).toContainEqual({ event: 'skipped', step: 'a', title: 'a', reason: 'already there' });
  });

  it('lets the others of a stage end, reports all failures, and begins no later stage', async () => {
    const fail = (id: string): Step =>
      step(id, { run: async () => Promise.reject(new PgscaleError('PGS_UNIT_FAILED', { what: `${id} failed` })) });
    const stages = [
      { title: '1', steps: [fail('a'), fail('b'), step('c')] },
      { title: '2', steps: [step('d')] },
    ];
    await expect(run(stages)).rejects.toMatchObject({ message: 'a failed\nb failed' });
    expect(log).toEqual(['c']);
  });

  it('undoes a failed step', async () => {
    const bad = step('a', {
      run: async () => Promise.reject(new Error('no')),
      undo: async () => void log.push('undone'),
    });
    await expect(run([{ title: '1', steps: [bad] }])).rejects.toThrow('no');
    expect(log).toEqual(['undone']);
  });

  it('gives a step up at its deadline', async () => {
    const hang = step('a', { deadlineMs: 20, run: () => sleep(5000, undefined, { ref: false }) });
    await expect(run([{ title: '1', steps: [hang] }])).rejects.toMatchObject({ code: 'PGS_WAIT_DEADLINE' });
  });

  it('begins no other step of a serial stage once it is interrupted', async () => {
    const controller = new AbortController();
    const first = step('a', { run: async () => (controller.abort(), void log.push('a')) });
    await expect(
      run([{ title: '1', steps: [first, step('b')], serial: true }], controller.signal),
    ).rejects.toMatchObject({ message: 'interrupted before: b', exitCode: 130 });
    expect(log).toEqual(['a']);
  });

  it('does not begin a step that was found to be needed while the run was interrupted', async () => {
    const controller = new AbortController();
    const late = step('a', {
      done: async () => (controller.abort(), false),
      undo: async () => void log.push('undone'),
    });
    await expect(run([{ title: '1', steps: [late], serial: true }], controller.signal)).rejects.toMatchObject({
      message: 'interrupted before: a',
    });
    expect(log).toEqual([]);
  });

  it('ends a whole stage that it has begun, and then stops', async () => {
    const controller = new AbortController();
    const first = step('a', { run: async () => (controller.abort(), void log.push('a')) });
    const stages = [
      { title: '1', steps: [first, step('b')], serial: true, whole: true },
      { title: '2', steps: [step('c')] },
    ];
    await expect(run(stages, controller.signal)).rejects.toMatchObject({ message: 'interrupted before: 2' });
    expect(log).toEqual(['a', 'b']);
  });

  it('stops when it is interrupted, with status 130', async () => {
    const controller = new AbortController();
    const obey = step('a', {
      run: async (_, signal) => {
        controller.abort();
        await sleep(5000, undefined, { signal }).catch(() => undefined);
        throw new PgscaleError('PGS_INTERRUPTED', { what: 'obeyed' });
      },
    });
    await expect(run([{ title: '1', steps: [obey] }], controller.signal)).rejects.toMatchObject({
      message: 'interrupted during: 1',
      code: 'PGS_INTERRUPTED',
      exitCode: 130,
    });
  });
});
