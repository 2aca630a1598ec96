import { chmod, chown, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { execa } from 'execa';

import type { LabDocument, LabHost } from './document.ts';
import { hostsFileOf } from './hosts-file.ts';
import { publicKey } from './keys.ts';
import { type MachineApt, seenFromHost } from './machine-apt.ts';
import { isMounted, unmountBelow } from './mounts.ts';
import { seedPackages } from './package-cache.ts';
import { hostPaths } from './paths.ts';
import { machineResolver } from './resolver.ts';

/** The files that make a copy of the base tree this host, by path, with the mode of those that are not for everybody. */
interface TreeFile {
  readonly path: string;
  readonly text: string;
  readonly mode?: number;
  readonly owner?: number;
}

const NETWORK = (address: string, gateway: string): string => `[Match]
Name=host0

[Network]
Address=${address}/24
Gateway=${gateway}
LinkLocalAddressing=no
IPv6AcceptRA=no
`;

/** Mounts the host's disk as it was left; lays a new one when there is none, or only one that a crash left unfinished. */
export async function prepareTree(lab: LabDocument, host: LabHost, apt: MachineApt): Promise<void> {
  const complete = await readFile(hostPaths(lab.name, host.name).complete).then(
    () => true,
    () => false,
  );
  if (complete) await mountTree(lab, host.name);
  else await layTree(lab, host, apt);
}

/** Lays a new disk for a host over the base tree: with its name, address, keys and packages; nothing else. */
export async function layTree(lab: LabDocument, host: LabHost, apt: MachineApt): Promise<void> {
  const { upper, work, root, complete } = hostPaths(lab.name, host.name);
  await unmountBelow(root);
  await rm(complete, { force: true });
  await Promise.all([upper, work].map(async (folder) => rm(folder, { recursive: true, force: true })));
  await Promise.all([upper, work, root].map(async (folder) => mkdir(folder, { recursive: true })));
  await seedPackages(upper);
  await mountTree(lab, host.name);
  for (const file of await filesOf(lab, host, apt)) await put(root, file);
  await writeFile(complete, '');
}

/** Mounts a host's disk as it was left. */
export async function mountTree(lab: LabDocument, host: string): Promise<void> {
  const { upper, work, root } = hostPaths(lab.name, host);
  if (await isMounted(root)) return;
  const layers = `lowerdir=${lab.image},upperdir=${upper},workdir=${work}`;
  await execa('mount', ['-t', 'overlay', 'overlay', '-o', layers, root]);
}

async function filesOf(lab: LabDocument, host: LabHost, apt: MachineApt): Promise<TreeFile[]> {
  const { hostKey } = hostPaths(lab.name, host.name);
  const login = `${await publicKey(lab.ssh.identityFile)}\n`;
  const resolver = await machineResolver(lab.gateway);
  const mirror = seenFromHost(apt.mirror, lab.gateway).url;
  const proxies = Object.entries(apt.proxies).map(
    ([scheme, proxy]) => `Acquire::${scheme}::Proxy "${seenFromHost(proxy, lab.gateway).url}";\n`,
  );
  return [
    { path: 'etc/hostname', text: `${host.name}\n` },
    { path: 'etc/hosts', text: hostsFileOf(lab) },
    { path: 'etc/resolv.conf', text: resolver.text },
    { path: 'etc/systemd/network/10-host0.network', text: NETWORK(host.address, lab.gateway) },
    { path: 'etc/apt/sources.list', text: `deb ${mirror} forky main\n` },
    { path: 'etc/apt/apt.conf.d/81pgscale-lab-proxy', text: proxies.join('') },
    { path: 'etc/ssh/ssh_host_ed25519_key', text: await readFile(hostKey, 'utf8'), mode: 0o600 },
    { path: 'etc/ssh/ssh_host_ed25519_key.pub', text: `${await publicKey(hostKey)}\n` },
    { path: 'root/.ssh/authorized_keys', text: login, mode: 0o600 },
    { path: 'home/ops/.ssh/authorized_keys', text: login, mode: 0o600, owner: await opsId(lab.image) },
  ];
}

async function opsId(image: string): Promise<number> {
  const accounts = await readFile(path.join(image, 'etc/passwd'), 'utf8');
  return Number(/^ops:[^:]*:(\d+):/mu.exec(accounts)?.[1] ?? Number.NaN);
}

async function put(root: string, file: TreeFile): Promise<void> {
  const target = path.join(root, file.path);
  const folder = path.dirname(target);
  const made = await mkdir(folder, { recursive: true });
  await writeFile(target, file.text);
  await chmod(target, file.mode ?? 0o644);
  if (made !== undefined) await chmod(folder, file.mode === undefined ? 0o755 : 0o700);
  if (file.owner === undefined) return;
  await chown(target, file.owner, file.owner);
  await chown(folder, file.owner, file.owner);
}
