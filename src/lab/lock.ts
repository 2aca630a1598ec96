import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { z } from 'zod';

import { PgscaleError } from '../errors/pgscale-error.ts';
import { stateDirectory } from './paths.ts';
import { identify, isAlive } from './process.ts';

const holderSchema = z.object({ pid: z.number(), startTicks: z.number() });

/**
 * Runs one change of a lab at a time. The lock names the process that holds it, and does not outlive it.
 *
 * @throws PgscaleError PGS_LAB_BUSY when another process is changing the same lab.
 */
export async function withLock<T>(lab: string, work: () => Promise<T>): Promise<T> {
  const file = path.join(stateDirectory(), `${lab}.lock`);
  await mkdir(stateDirectory(), { recursive: true });
  await take(file, lab);
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
}

async function take(file: string, lab: string): Promise<void> {
  const own = `${file}.${process.pid}`;
  await writeFile(own, JSON.stringify(await identify(process.pid)));
  try {
    // A link is made whole or not at all, so that nobody sees a lock without its holder.
    while (!(await linked(own, file))) await removeDead(file, lab);
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

async function removeDead(file: string, lab: string): Promise<void> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return;
  const holder = holderSchema.parse(JSON.parse(text));
  if (await isAlive(holder)) {
    throw new PgscaleError('PGS_LAB_BUSY', { what: `process ${holder.pid} is changing the lab ${lab}` });
  }
  await rm(file, { force: true });
}
