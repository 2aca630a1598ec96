import { rm } from 'node:fs/promises';

import { PgscaleError } from '../errors/pgscale-error.ts';
import { removeLabGroups } from './cgroup.ts';
import { readDocument } from './document.ts';
import { restoreForwarding } from './forwarding.ts';
import { killHost } from './host.ts';
import { forgetHosts } from './hosts-file.ts';
import { removeStaleBuilds } from './image.ts';
import { findLabs, hostNames } from './inventory.ts';
import { withLock } from './lock.ts';
import { unmountBelow } from './mounts.ts';
import { requireLabName } from './naming.ts';
import { removeNetwork } from './network.ts';
import { stopStore } from './object-store/process.ts';
import { harvestPackages } from './package-cache.ts';
import { cacheDirectory, hostPaths, labDirectory } from './paths.ts';
import type { Progress } from './progress.ts';
import { requireRoot } from './requirements.ts';

/**
 * Ends a lab and removes all of it, from what is found on the machine: it also works after a crash at any point of
 * `up`, and when there is nothing of that lab.
 *
 * @throws PgscaleError PGS_LAB_LEFTOVER when something is still in use.
 */
export async function down(lab: string, progress: Progress): Promise<void> {
  requireRoot();
  requireLabName(lab);
  await withLock(lab, async () => {
    progress(`Ending the lab ${lab}`);
    const hosts = await hostNames(lab, await readDocument(lab).catch(() => undefined));
    await Promise.all(hosts.map(async (host) => end(lab, host)));
    await removeLabGroups(lab);
    await stopStore(lab);
    await unmountBelow(labDirectory(lab));
    await removeNetwork(lab);
    if (!(await forgetHosts(lab)))
      progress(`Warning: the lines of the lab ${lab} could not be removed from /etc/hosts`);
    await rm(labDirectory(lab), { recursive: true, force: true, maxRetries: 5 });
  });
  await removeStaleBuilds();
  if ((await findLabs()).length === 0) await restoreForwarding();
}

/** Removes the base image and all downloaded packages. @throws PgscaleError PGS_LAB_EXISTS while a lab stands on them. */
export async function purgeCache(): Promise<void> {
  requireRoot();
  const labs = await findLabs();
  if (labs.length === 0) return rm(cacheDirectory(), { recursive: true, force: true });
  throw new PgscaleError('PGS_LAB_EXISTS', {
    what: `the cache is in use by the lab ${labs.join(', ')}`,
    next: ['End all labs with it: `pgscale lab down --all --purge-cache`.'],
  });
}

async function end(lab: string, host: string): Promise<void> {
  await killHost(lab, host);
  await harvestPackages(hostPaths(lab, host).upper);
}
