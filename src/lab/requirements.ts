import { access, constants, mkdir, statfs } from 'node:fs/promises';
import { freemem } from 'node:os';
import path from 'node:path';

import { execa } from 'execa';

import { PgscaleError } from '../errors/pgscale-error.ts';
import { hierarchies } from './cgroup.ts';
import { cacheDirectory, stateDirectory } from './paths.ts';
import { lastLines, type Progress } from './progress.ts';

/** The Debian package of each program that the lab calls. */
const TOOLS = {
  mmdebstrap: 'mmdebstrap',
  'systemd-nspawn': 'systemd-container',
  ip: 'iproute2',
  nft: 'nftables',
  ssh: 'openssh-client',
  'ssh-keygen': 'openssh-client',
  mount: 'mount',
} as const;

const GIB = 1024 ** 3;
/** The base tree is 0.3 GiB; a host with PostgreSQL, its packages and a little data came to 1.5 GiB. */
const DISK_BYTES = 6 * GIB;
/** Three idle hosts with the whole cluster took 0.5 GiB each. */
const MEMORY_BYTES_PER_HOST = GIB / 2;
const INSTALL_DEADLINE_MS = 300_000;

/** @throws PgscaleError PGS_LAB_UNSUPPORTED when this is not Linux, or the user is not root. */
export function requireRoot(): void {
  if (process.platform !== 'linux') throw unsupported(`the lab needs Linux, and this is ${process.platform}`);
  if (process.getuid?.() !== 0) {
    throw unsupported('the lab needs root', ['Run the same command again as root: `sudo pgscale lab up`.']);
  }
}

/** @throws PgscaleError PGS_LAB_UNSUPPORTED when disk, memory or control groups do not suffice for that many hosts. */
export async function requireRoom(hostCount: number): Promise<void> {
  await hierarchies();
  for (const directory of [stateDirectory(), cacheDirectory()]) {
    await mkdir(directory, { recursive: true });
    const { bavail, bsize } = await statfs(directory);
    if (bavail * bsize < DISK_BYTES) {
      throw unsupported(`${directory} has ${inGib(bavail * bsize)} free, and the lab needs ${inGib(DISK_BYTES)}`);
    }
  }
  const needed = hostCount * MEMORY_BYTES_PER_HOST;
  if (freemem() < needed) {
    throw unsupported(`${inGib(freemem())} of memory are free, and ${hostCount} hosts need ${inGib(needed)}`, [
      'Start fewer hosts (`--hosts`), or end another lab with `pgscale lab down`.',
    ]);
  }
}

/**
 * Installs the programs that are missing, when `install` says so and apt-get is there.
 *
 * @throws PgscaleError PGS_LAB_TOOLS naming what is missing.
 */
export async function requireTools(install: boolean, progress: Progress): Promise<void> {
  const missing = await missingPackages();
  if (missing.length === 0) return;
  const command = `apt-get install ${missing.join(' ')}`;
  if (!install || !(await onPath('apt-get'))) {
    throw new PgscaleError('PGS_LAB_TOOLS', {
      what: `missing packages: ${missing.join(', ')}`,
      next: [`Run \`${command}\`.`],
    });
  }
  progress(`Installing what the lab needs and this machine lacks: ${missing.join(', ')}`);
  await aptGet('update');
  await aptGet('install', '--yes', '--no-install-recommends', ...missing);
}

async function missingPackages(): Promise<string[]> {
  const found = await Promise.all(Object.keys(TOOLS).map(onPath));
  return [...new Set(Object.values(TOOLS).filter((_, index) => found[index] !== true))];
}

async function onPath(program: string): Promise<boolean> {
  const folders = (process.env['PATH'] ?? '').split(':').filter(Boolean);
  const tries = folders.map(async (folder) => access(path.join(folder, program), constants.X_OK));
  return Promise.any(tries).then(
    () => true,
    () => false,
  );
}

/** apt-get that waits for another apt to end and asks nothing. */
async function aptGet(...args: string[]): Promise<void> {
  const { exitCode, stderr, stdout } = await execa('apt-get', ['-o', 'DPkg::Lock::Timeout=120', ...args], {
    env: { DEBIAN_FRONTEND: 'noninteractive' },
    timeout: INSTALL_DEADLINE_MS,
    reject: false,
  });
  if (exitCode === 0) return;
  throw new PgscaleError('PGS_LAB_TOOLS', {
    what: `apt-get ${args.join(' ')} failed`,
    why: lastLines(stderr === '' ? stdout : stderr),
  });
}

const inGib = (bytes: number): string => `${(bytes / GIB).toFixed(1)} GiB`;

const unsupported = (what: string, next?: string[]): PgscaleError =>
  new PgscaleError('PGS_LAB_UNSUPPORTED', { what, ...(next === undefined ? {} : { next }) });
