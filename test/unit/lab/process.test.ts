import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { describe, expect, it } from 'vitest';

import { findProcesses, identify, isAlive, signal } from '../../../src/lab/process.ts';

describe('identity of a process', () => {
  it('is that of this process, and not of one that started at another time', async () => {
    const own = (await identify(process.pid))!;
    expect(await isAlive(own)).toBe(true);
    expect(await isAlive({ ...own, startTicks: own.startTicks - 1 })).toBe(false);
  });

  it('finds a program by its arguments, ends it, and leaves its successor in the pid alone', async () => {
    const child = spawn('sleep', ['123.456'], { stdio: 'ignore' });
    const ended = once(child, 'exit');
    const [found] = await findProcesses((words) => words.includes('123.456'));
    expect(found?.pid).toBe(child.pid);
    await signal({ ...found!, startTicks: found!.startTicks + 1 }, 'SIGKILL');
    expect(await isAlive(found!)).toBe(true);
    await signal(found!, 'SIGKILL');
    expect(await ended).toEqual([null, 'SIGKILL']);
    expect(await isAlive(found!)).toBe(false);
  });
});
