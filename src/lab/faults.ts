import { machineApt } from './machine-apt.ts';
import { PgscaleError } from '../errors/pgscale-error.ts';
import { type LabDocument, type LabHost, needDocument, needHost } from './document.ts';
import { bootHost, hostState, killHost } from './host.ts';
import { layTree, mountTree } from './host-tree.ts';
import { cutPair, healPairs, setCable } from './network.ts';
import { harvestPackages } from './package-cache.ts';
import { hostPaths } from './paths.ts';
import { requireRoot } from './requirements.ts';

/**
 * Takes a host off the network, or, with `from`, only away from that other host.
 *
 * @throws PgscaleError PGS_LAB_UNKNOWN, PGS_LAB_HOST_DOWN
 */
export async function cut(lab: string, name: string, from?: string): Promise<void> {
  const { document, host } = await running(lab, name);
  if (from === undefined) await setCable(lab, host.name, false);
  else await cutPair(lab, host.name, needHost(document, from).name);
}

/** Undoes every `cut` of a host. */
export async function heal(lab: string, name: string): Promise<void> {
  const { host } = await running(lab, name);
  await healPairs(lab, host.name);
  await setCable(lab, host.name, true);
}

/** A power loss of one host: nothing is closed, nothing is said, and the disk stays as it is. */
export async function kill(lab: string, name: string): Promise<void> {
  const { host } = await existing(lab, name);
  await killHost(lab, host.name);
}

/** Boots a host again, with its disk as it was, at the same address and with the same keys. */
export async function start(lab: string, name: string): Promise<void> {
  const { document, host } = await existing(lab, name);
  await mountTree(document, host.name);
  await bootHost(document, host);
}

/** Makes a host a bare one again: throws its disk away and boots it afresh; the address and the keys stay. */
export async function reset(lab: string, name: string): Promise<void> {
  const { document, host } = await existing(lab, name);
  await killHost(lab, host.name);
  await harvestPackages(hostPaths(lab, host.name).upper);
  await layTree(document, host, await machineApt());
  await bootHost(document, host);
}

async function existing(lab: string, name: string): Promise<{ document: LabDocument; host: LabHost }> {
  requireRoot();
  const document = await needDocument(lab);
  return { document, host: needHost(document, name) };
}

async function running(lab: string, name: string): Promise<{ document: LabDocument; host: LabHost }> {
  const found = await existing(lab, name);
  if ((await hostState(lab, name)) !== 'down') return found;
  throw new PgscaleError('PGS_LAB_HOST_DOWN', {
    what: `${name} is not running`,
    host: name,
    next: [`Boot it with \`pgscale lab start ${name} --name ${lab}\`.`],
  });
}
