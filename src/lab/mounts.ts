import { readFile } from 'node:fs/promises';

import { execa } from 'execa';

import { PgscaleError } from '../errors/pgscale-error.ts';
import { untilTrue } from './wait.ts';

const UNMOUNT_DEADLINE_MS = 15_000;

/** The places at or below a folder where something is mounted, deepest last. */
export async function mountsBelow(folder: string): Promise<string[]> {
  const text = await readFile('/proc/self/mountinfo', 'utf8');
  const points = text.split('\n').map((line) => line.split(' ')[4] ?? '');
  return points.filter((point) => point === folder || point.startsWith(`${folder}/`)).sort();
}

/** Whether something is mounted on exactly this folder. */
export const isMounted = async (folder: string): Promise<boolean> => (await mountsBelow(folder)).includes(folder);

/**
 * Unmounts everything at and below a folder; needed before a folder is removed, or what is mounted there goes with it.
 *
 * @throws PgscaleError PGS_LAB_LEFTOVER when something stays in use.
 */
export async function unmountBelow(folder: string): Promise<void> {
  const gone = await untilTrue(UNMOUNT_DEADLINE_MS, async () => {
    const points = await mountsBelow(folder);
    for (const point of points.reverse()) await execa('umount', [point], { reject: false });
    return (await mountsBelow(folder)).length === 0;
  });
  if (gone) return;
  throw new PgscaleError('PGS_LAB_LEFTOVER', { what: `still mounted: ${(await mountsBelow(folder)).join(', ')}` });
}
