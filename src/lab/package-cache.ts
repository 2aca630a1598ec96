import { copyFile, link, mkdir, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';

import { packageDirectory } from './paths.ts';

const ARCHIVES = 'var/cache/apt/archives';

/**
 * Gives a host the packages that were ever downloaded for a host, as hard links in its overlay: no copy, and no lock
 * shared between hosts that install at the same time. apt replaces such a file but never writes into one, so that a host
 * cannot change what another one sees.
 */
export async function seedPackages(upper: string): Promise<void> {
  const archives = path.join(upper, ARCHIVES);
  await mkdir(archives, { recursive: true });
  await mkdir(packageDirectory(), { recursive: true });
  await shareNew(packageDirectory(), archives);
}

/** Keeps the packages that a host has downloaded for the hosts that come after it. Safe while the host is running. */
export async function harvestPackages(upper: string): Promise<void> {
  await mkdir(packageDirectory(), { recursive: true });
  await shareNew(path.join(upper, ARCHIVES), packageDirectory());
}

async function shareNew(from: string, to: string): Promise<void> {
  const there = new Set(await readdir(to));
  const packages = (await readdir(from).catch(() => [])).filter((name) => name.endsWith('.deb') && !there.has(name));
  await Promise.all(packages.map(async (name) => share(path.join(from, name), path.join(to, name))));
}

async function share(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' || code === 'ENOENT') return;
    // Another file system: copy, under a name that apt does not take for a package until it is whole.
    const partial = `${to}.${process.pid}`;
    await copyFile(from, partial);
    await rename(partial, to).catch(async () => rm(partial, { force: true }));
  }
}
