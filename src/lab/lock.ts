import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { z } from 'zod';

import { PgscaleError } from '../errors/pgscale-error.ts';
import { stateDirectory } from './paths.ts';
import { identify, isAlive, type ProcessIdentity } from './process.ts';

const PAUSE_MS = 50;

const holderSchema = z.object({ pid: z.number(), startTicks: z.number() });

/**
 * Runs one change of a lab, or of something that labs share, at a time. The lock names the process that holds it, and
 * does not outlive it.
 *
 * @param waitMs for how long to wait for another holder to end
 * @throws PgscaleError PGS_LAB_BUSY when another process is changing the same lab.
 */
export async function withLock<T>(lab: string, work: () => Promise<T>, waitMs = 0): Promise<T> {
  const file = path.join(stateDirectory(), `${lab}.lock`);
  await mkdir(stateDirectory(), { recursive: true });
  await take(file, lab, Date.now() + waitMs);
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
}

async function take(file: string, lab: string, giveUpAt: number): Promise<void> {
  const own = `${file}.${randomUUID()}`;
  await writeFile(own, JSON.stringify(await identify(process.pid)));
  try {
    // A link is made whole or not at all, so that nobody sees a lock without its holder.
    while (!(await linked(own, file))) {
      const holder = await livingHolder(file);
      if (holder === undefined) continue;
      if (Date.now() >= giveUpAt) {
        throw new PgscaleError('PGS_LAB_BUSY', { what: `process ${holder.pid} is changing the lab ${lab}` });
      }
      await sleep(PAUSE_MS);
    }
  } finally {
    await rm(own, { force: true });
  }
}

const linked = async (own: string, file: string): Promise<boolean> =>
  link(own, file).then(
    () => true,
    (error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    },
  );

/** Who holds the lock; a lock whose holder is dead is removed. */
async function livingHolder(file: string): Promise<ProcessIdentity | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const holder = holderSchema.parse(JSON.parse(text));
  if (await isAlive(holder)) return holder;
  await rm(file, { force: true });
  return undefined;
}
