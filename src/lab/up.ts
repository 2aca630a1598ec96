import { access, mkdir, readFile } from 'node:fs/promises';

import { PgscaleError, throwAll } from '../errors/pgscale-error.ts';
import { makeLabGroups } from './cgroup.ts';
import { type LabDocument, needDocument, readDocument, writeDocument } from './document.ts';
import { bootHost } from './host.ts';
import { prepareTree } from './host-tree.ts';
import { nameHosts } from './hosts-file.ts';
import { baseImage } from './image.ts';
import { makeKeyPair, writeKnownHosts } from './keys.ts';
import { machineApt, type MachineApt, seenFromHost } from './machine-apt.ts';
import { bridgeName, defaultHostNames, domainName, HOST_NAME, requireLabName, zonesFor } from './naming.ts';
import { rememberForwarding } from './forwarding.ts';
import { withLock } from './lock.ts';
import { makeNetwork } from './network.ts';
import { startStore } from './object-store/process.ts';
import { storeDocument } from './object-store/settings.ts';
import { hostPaths, labDirectory, labPaths } from './paths.ts';
import type { Progress } from './progress.ts';
import { requireRoom, requireRoot, requireTools } from './requirements.ts';
import { machineResolver, serversIn } from './resolver.ts';
import { endpointAddresses, hostAddress, networksInUse, subnetFor } from './subnet.ts';

/** What `lab up` is asked for. */
export interface LabWish {
  readonly name: string;
  readonly hostCount: number;
  /** Names in place of pg1 … pgN. */
  readonly names: readonly string[];
  readonly zones: readonly string[];
  /** A /24 in place of the first free one. */
  readonly subnet: string | undefined;
  /** Install missing programs with apt-get. */
  readonly install: boolean;
}

/**
 * Makes a lab and boots its hosts. A lab that is there with the same hosts is completed: hosts that are down are booted.
 *
 * @returns the document that was also written to the lab's folder.
 * @throws PgscaleError PGS_LAB_* for a machine that cannot do it, a build that failed, or a host that did not boot.
 */
export async function up(wish: LabWish, progress: Progress): Promise<LabDocument> {
  const names = hostNames(wish);
  requireRoot();
  return withLock(wish.name, async () => make(wish, names, progress));
}

async function make(wish: LabWish, names: readonly string[], progress: Progress): Promise<LabDocument> {
  await requireTools(wish.install, progress);
  const there = await readDocument(wish.name);
  if (there !== undefined) await requireSame(there, names);
  else await requireRoom(names.length);
  const apt = await machineApt();
  const image = there?.image ?? (await baseImage(apt, progress));
  const lab = there ?? (await design(wish, names, image));
  await mkdir(labDirectory(lab.name), { recursive: true, mode: 0o755 });
  await writeDocument(lab);
  await makeKeys(lab);
  await connect(lab, apt);
  if (!(await nameHosts(lab))) progress('Warning: /etc/hosts is not writable, so use addresses in place of names');
  await startStore(lab);
  progress(`Booting ${lab.hosts.map(({ name }) => name).join(', ')}`);
  await bootMissing(lab, apt, progress);
  return needDocument(lab.name);
}

function hostNames({ name, names, hostCount }: LabWish): string[] {
  requireLabName(name);
  const hosts = names.length > 0 ? [...names] : defaultHostNames(hostCount);
  const wrong = hosts.filter((host) => !HOST_NAME.test(host));
  if (wrong.length > 0) throw new PgscaleError('PGS_LAB_NAME', { what: `not usable as a name: ${wrong.join(', ')}` });
  if (new Set(hosts).size < hosts.length) throw new PgscaleError('PGS_LAB_NAME', { what: 'a host is named twice' });
  return hosts;
}

async function requireSame(there: LabDocument, names: readonly string[]): Promise<void> {
  const hosts = there.hosts.map(({ name }) => name);
  if (hosts.join() !== names.join()) {
    throw new PgscaleError('PGS_LAB_EXISTS', {
      what: `the lab ${there.name} is there already, with the hosts ${hosts.join(', ')}`,
    });
  }
  await access(there.image).catch(() => {
    throw new PgscaleError('PGS_LAB_BROKEN', {
      what: `the base image of the lab ${there.name} is gone: ${there.image}`,
      next: [`Its hosts cannot boot again; end it with \`pgscale lab down --name ${there.name}\`.`],
    });
  });
}

/** Decides names and addresses. Nothing is made yet. */
async function design(wish: LabWish, names: readonly string[], image: string): Promise<LabDocument> {
  const resolvers = serversIn(await readFile('/etc/resolv.conf', 'utf8').catch(() => ''));
  const subnet = subnetFor(wish.name, wish.subnet, await networksInUse(resolvers));
  const domain = domainName(wish.name);
  const zones = zonesFor(names.length, wish.zones);
  const { identity, knownHosts, document } = labPaths(wish.name);
  return {
    name: wish.name,
    document,
    createdAt: new Date().toISOString(),
    domain,
    subnet: subnet.cidr,
    gateway: subnet.gateway,
    bridge: bridgeName(wish.name),
    image,
    ssh: { user: 'ops', port: 22, identityFile: identity, knownHosts },
    hosts: names.map((name, index) => ({
      name,
      fqdn: `${name}.${domain}`,
      address: hostAddress(subnet, index),
      zone: zones[index] ?? '',
    })),
    vips: endpointAddresses(subnet),
    objectStore: storeDocument(wish.name, subnet.gateway),
  };
}

async function makeKeys(lab: LabDocument): Promise<void> {
  await makeKeyPair(lab.ssh.identityFile, `pgscale-lab-${lab.name}`);
  const keyed = lab.hosts.map(({ name, fqdn, address }) => ({
    names: [address, fqdn, name],
    keyFile: hostPaths(lab.name, name).hostKey,
  }));
  await Promise.all(keyed.map(async ({ keyFile }) => makeKeyPair(keyFile, `${lab.name} host`)));
  await writeKnownHosts(lab.ssh.knownHosts, keyed);
}

/** Makes the network, with the ways to what the machine offers on its loopback only. */
export async function connect(lab: LabDocument, apt: MachineApt): Promise<void> {
  const { loopbackPorts } = await machineResolver(lab.gateway);
  const servers = [apt.mirror, ...Object.values(apt.proxies)];
  const ports = servers.flatMap((address) => seenFromHost(address, lab.gateway).loopbackPort ?? []);
  await rememberForwarding();
  await makeNetwork({
    lab: lab.name,
    cidr: lab.subnet,
    gateway: lab.gateway,
    loopbackPorts: [...new Set([...loopbackPorts, ...ports])],
  });
  await makeLabGroups(lab.name);
}

async function bootMissing(lab: LabDocument, apt: MachineApt, progress: Progress): Promise<void> {
  const results = await Promise.allSettled(
    lab.hosts.map(async (host) => {
      await prepareTree(lab, host, apt);
      await bootHost(lab, host);
      progress(`  ${host.name} is up at ${host.address}`);
    }),
  );
  throwAll(results.flatMap((result) => (result.status === 'rejected' ? [expected(result.reason)] : [])));
}

/** An error that pgscale gives on purpose; any other is thrown at once. */
function expected(reason: unknown): PgscaleError {
  if (reason instanceof PgscaleError) return reason;
  throw reason instanceof Error ? reason : new Error(String(reason));
}
