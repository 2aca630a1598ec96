import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { withLock } from '../../../src/lab/lock.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'pgscale-lock-'));
  process.env['PGSCALE_LAB_STATE'] = folder;
});

afterEach(async () => {
  delete process.env['PGSCALE_LAB_STATE'];
  await rm(folder, { recursive: true });
});

describe('withLock', () => {
  it('lets one in at a time, and is gone afterwards, also after a failure', async () => {
    await withLock('dev', async () => {
      await expect(withLock('dev', async () => 1)).rejects.toThrow(`process ${process.pid} is changing the lab dev`);
      expect(await withLock('other', async () => 2)).toBe(2);
    });
    await expect(withLock('dev', async () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect(await withLock('dev', async () => 3)).toBe(3);
    expect(await readdir(folder)).toEqual([]);
  });

  it('waits for the one who is in, when told to', async () => {
    const order: string[] = [];
    const visit = async (name: string): Promise<void> =>
      withLock(
        'dev',
        async () => {
          order.push(`${name} in`);
          await new Promise((resolve) => setTimeout(resolve, 20));
          order.push(`${name} out`);
        },
        5000,
      );
    await Promise.all([visit('a'), visit('b')]);
    expect(order.filter((_, index) => index % 2 === 1).map((entry) => entry.split(' ')[1])).toEqual(['out', 'out']);
  });

  it('takes over from a process that is dead, even when its number is in use again', async () => {
    await writeFile(path.join(folder, 'dev.lock'), JSON.stringify({ pid: process.pid, startTicks: 1 }));
    expect(await withLock('dev', async () => 'in')).toBe('in');
  });
});
