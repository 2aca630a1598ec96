import { createHash } from 'node:crypto';
import { access, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { execa } from 'execa';

import { PgscaleError } from '../errors/pgscale-error.ts';
import type { MachineApt } from './machine-apt.ts';
import { unmountBelow } from './mounts.ts';
import { cacheDirectory } from './paths.ts';
import { findProcesses, signal } from './process.ts';
import { lastLines, type Progress } from './progress.ts';
import { extraCertificates, machineTrust } from './trust.ts';

/** Debian's testing release: it has PostgreSQL 18. */
const SUITE = 'forky';
const PACKAGES = [
  ...['systemd', 'systemd-sysv', 'dbus', 'openssh-server', 'sudo', 'ca-certificates', 'curl', 'less'],
  ...['iproute2', 'iputils-ping', 'nftables', 'locales', 'procps', 'python3-minimal'],
];
/** Raise it when the steps below change what the image holds, so that an older cached image is not used. */
const REVISION = 1;
const BUILD_DEADLINE_MS = 600_000;
/** Units that a throw-away host does not need: they slow its boot, take apt's lock, or make keys of their own. */
const MASKED = [
  ...['apt-daily.timer', 'apt-daily-upgrade.timer', 'dpkg-db-backup.timer', 'fstrim.timer'],
  ...['systemd-networkd-wait-online.service', 'systemd-firstboot.service', 'systemd-pstore.service'],
  ...['sshd-keygen.service', 'getty@tty1.service'],
];

const APT_CONF = `// The release file of the mirror may be past its date, and that is no reason not to try things out.
Acquire::Check-Valid-Until "false";
Acquire::Languages "none";
// The lab keeps downloaded packages for the hosts that come after.
Binary::apt::APT::Keep-Downloaded-Packages "true";
`;

/**
 * The folder with the base tree of a host: a bare Debian with sshd. Built when it is not in the cache; a build goes to a
 * folder of its own and is renamed when complete, so that what a crash left is never used.
 *
 * @throws PgscaleError PGS_LAB_IMAGE with the last lines of the build.
 */
export async function baseImage(apt: MachineApt, progress: Progress): Promise<string> {
  await removeStaleBuilds();
  const recipe = JSON.stringify([SUITE, PACKAGES, REVISION, apt.mirror, process.arch]);
  const key = createHash('sha256').update(recipe).digest('hex').slice(0, 12);
  const image = path.join(cacheDirectory(), `image-${SUITE}-${key}`);
  if (await exists(image)) return image;
  progress(`Building the base image of the hosts (Debian ${SUITE}); this is done once and takes about a minute`);
  const build = path.join(cacheDirectory(), `build-${process.pid}`);
  try {
    await bootstrap(build, apt, progress);
    await customize(build);
    progress('Fetching the package lists of the hosts');
    await inside(build, ['apt-get', 'update']);
    await rename(build, image).catch(async (error: unknown) => {
      // Another `lab up` has built the same image meanwhile.
      if (!(await exists(image))) throw error;
    });
  } finally {
    await remove(build);
  }
  progress('The base image is ready');
  return image;
}

async function bootstrap(build: string, apt: MachineApt, progress: Progress): Promise<void> {
  await mkdir(build, { recursive: true });
  const options = ['--variant=minbase', '--aptopt=Acquire::Check-Valid-Until "false"'];
  const run = execa('mmdebstrap', [...options, `--include=${PACKAGES.join(',')}`, SUITE, build, apt.mirror], {
    stdin: 'ignore',
    reject: false,
    timeout: BUILD_DEADLINE_MS,
    all: true,
  });
  for await (const line of run.iterable({ from: 'stderr' })) {
    if (line.startsWith('I: ')) progress(`  ${line.slice(3)}`);
  }
  const { exitCode, all } = await run;
  if (exitCode !== 0) throw failed('mmdebstrap', all);
}

async function customize(build: string): Promise<void> {
  const write = async (name: string, text: string): Promise<void> => writeFile(path.join(build, name), text);
  await write('etc/apt/apt.conf.d/80pgscale-lab', APT_CONF);
  // A power loss of a host never loses what the kernel has taken, so dpkg need not wait for the disk.
  await write('etc/dpkg/dpkg.cfg.d/80pgscale-lab', 'force-unsafe-io\n');
  await write(
    'etc/ssh/sshd_config.d/80-pgscale-lab.conf',
    'HostKey /etc/ssh/ssh_host_ed25519_key\nPasswordAuthentication no\n',
  );
  await write('etc/sudoers.d/80-pgscale-lab', 'ops ALL=(ALL) NOPASSWD: ALL\n');
  await write('etc/resolv.conf', await readFile('/etc/resolv.conf', 'utf8'));
  const keys = (await readdir(path.join(build, 'etc/ssh'))).filter((name) => name.startsWith('ssh_host_'));
  await Promise.all(keys.map(async (name) => rm(path.join(build, 'etc/ssh', name))));
  await inside(build, ['useradd', '--create-home', '--shell', '/bin/bash', 'ops']);
  await inside(build, ['systemctl', 'enable', 'systemd-networkd.service']);
  await inside(build, ['systemctl', 'mask', ...MASKED]);
  const bundle = await readFile(path.join(build, 'etc/ssl/certs/ca-certificates.crt'), 'utf8');
  const extra = extraCertificates(await machineTrust(), bundle);
  for (const [index, pem] of extra.entries()) {
    await write(`usr/local/share/ca-certificates/operator-${index}.crt`, `${pem}\n`);
  }
  if (extra.length > 0) await inside(build, ['update-ca-certificates']);
  await write('etc/machine-id', '');
}

async function inside(root: string, command: string[]): Promise<void> {
  const { exitCode, all } = await execa('chroot', [root, ...command], {
    reject: false,
    all: true,
    timeout: BUILD_DEADLINE_MS,
  });
  if (exitCode !== 0) throw failed(command.join(' '), all);
}

/** Removes the builds of runs that were killed, and ends what they have left running. */
export async function removeStaleBuilds(): Promise<void> {
  const entries = await readdir(cacheDirectory()).catch(() => []);
  for (const name of entries.filter((entry) => entry.startsWith('build-'))) {
    if (await exists(`/proc/${name.slice('build-'.length)}`)) continue;
    const build = path.join(cacheDirectory(), name);
    for (const one of await findProcesses((words) => words.includes(build))) await signal(one, 'SIGKILL');
    await remove(build);
  }
}

async function remove(build: string): Promise<void> {
  await unmountBelow(build);
  await rm(build, { recursive: true, force: true, maxRetries: 10 });
}

const exists = async (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

const failed = (what: string, output = ''): PgscaleError =>
  new PgscaleError('PGS_LAB_IMAGE', { what: `building the base image: ${what} failed`, why: lastLines(output) });
