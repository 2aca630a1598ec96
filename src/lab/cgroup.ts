import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { PgscaleError } from '../errors/pgscale-error.ts';
import { groupName } from './naming.ts';
import { untilTrue } from './wait.ts';

/** Where this machine has mounted the control groups that hosts need. */
export interface Hierarchies {
  /** The cgroup v2 tree: the one that ends a host and tells whether it runs. */
  readonly unified: string;
  /** Every tree in which a host needs a group of its own, `unified` first. */
  readonly all: readonly string[];
}

/** A killed process ends only when the kernel is through with its disk and its network, which takes long on a busy machine. */
const EMPTY_DEADLINE_MS = 60_000;

/**
 * Finds the trees in /proc/self/mountinfo: `/sys/fs/cgroup` where only v2 is mounted, else the v2 tree beside v1 and the
 * v1 tree named systemd. Hosts that shared one would share the groups of units with the same name, and a unit's SIGKILL
 * would hit another host (seen). Undefined when there is no v2 tree.
 */
export function findHierarchies(mountinfo: string): Hierarchies | undefined {
  const mounts = mountinfo.split('\n').map((line) => {
    const [before = '', after = ''] = line.split(' - ');
    return { point: before.split(' ')[4] ?? '', type: after.split(' ')[0], options: after.split(' ')[2] ?? '' };
  });
  const unified = mounts.find(({ type }) => type === 'cgroup2')?.point;
  const named = mounts.find(({ type, options }) => type === 'cgroup' && options.split(',').includes('name=systemd'));
  if (unified === undefined) return undefined;
  return { unified, all: named === undefined ? [unified] : [unified, named.point] };
}

/** The trees of this machine. @throws PgscaleError PGS_LAB_UNSUPPORTED when cgroup v2 is not mounted. */
export async function hierarchies(): Promise<Hierarchies> {
  const found = findHierarchies(await readFile('/proc/self/mountinfo', 'utf8'));
  if (found !== undefined) return found;
  throw new PgscaleError('PGS_LAB_UNSUPPORTED', {
    what: 'this machine has no cgroup v2 hierarchy, which systemd in the hosts needs',
    next: ['Mount one: `mkdir -p /sys/fs/cgroup/unified && mount -t cgroup2 none /sys/fs/cgroup/unified`.'],
  });
}

/** Makes the groups that hold the groups of the lab's hosts. */
export async function makeLabGroups(lab: string): Promise<void> {
  const { all } = await hierarchies();
  await Promise.all(all.map(async (tree) => mkdir(path.join(tree, groupName(lab)), { recursive: true })));
}

/** A host's groups, one in each tree. */
export async function hostGroups(lab: string, host: string): Promise<string[]> {
  const { all } = await hierarchies();
  return all.map((tree) => path.join(tree, groupName(lab), host));
}

/** The processes of a host, systemd-nspawn itself among them; none when it is not running. */
export async function hostProcesses(lab: string, host: string): Promise<number[]> {
  const { unified } = await hierarchies();
  return processesBelow(path.join(unified, groupName(lab), host));
}

async function processesBelow(group: string): Promise<number[]> {
  const own = await readFile(path.join(group, 'cgroup.procs'), 'utf8').catch(() => '');
  const below = await Promise.all((await childGroups(group)).map(processesBelow));
  return [...own.split('\n').filter(Boolean).map(Number), ...below.flat()];
}

/** Whether any process of the host is alive. */
export async function isPopulated(lab: string, host: string): Promise<boolean> {
  const { unified } = await hierarchies();
  return groupPopulated(path.join(unified, groupName(lab), host));
}

async function groupPopulated(group: string): Promise<boolean> {
  const events = await readFile(path.join(group, 'cgroup.events'), 'utf8').catch(() => '');
  return events.includes('populated 1');
}

/** Ends all processes of a host at the same moment with SIGKILL, and waits until they are gone. */
export async function killHostGroup(lab: string, host: string): Promise<void> {
  const { unified } = await hierarchies();
  await killGroup(path.join(unified, groupName(lab), host));
}

async function killGroup(group: string): Promise<void> {
  const gone = await untilTrue(EMPTY_DEADLINE_MS, async () => {
    if (!(await groupPopulated(group))) return true;
    // cgroup.kill is there since Linux 5.14 and cannot miss a process that is being forked; before it, one by one.
    await writeFile(path.join(group, 'cgroup.kill'), '1').catch(async () => killOneByOne(group));
    return false;
  });
  if (!gone) throw leftover(`processes in ${group} are still alive after SIGKILL`);
}

async function killOneByOne(group: string): Promise<void> {
  for (const pid of await processesBelow(group)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has just ended by itself.
    }
  }
}

/** The hosts that have groups, from what is found on the machine. */
export async function groupedHosts(lab: string): Promise<string[]> {
  const { unified } = await hierarchies();
  const groups = await childGroups(path.join(unified, groupName(lab)));
  return groups.map((group) => path.basename(group));
}

/** Names of the top-level groups, for finding labs. */
export async function topGroups(): Promise<string[]> {
  const { all } = await hierarchies();
  return (await Promise.all(all.map(childGroups))).flat().map((group) => path.basename(group));
}

/** Ends everything that is left in the lab's groups and removes them. Nothing there is no error. */
export async function removeLabGroups(lab: string): Promise<void> {
  const { all, unified } = await hierarchies();
  for (const tree of all) {
    const group = path.join(tree, groupName(lab));
    const removed = await untilTrue(EMPTY_DEADLINE_MS, async () => {
      // Each time anew: a host that was just being launched may have come in meanwhile.
      await killGroup(path.join(unified, groupName(lab)));
      return removeTree(group);
    });
    if (!removed) throw leftover(`${group} cannot be removed`);
  }
}

async function removeTree(group: string): Promise<boolean> {
  for (const child of await childGroups(group)) await removeTree(child);
  return rmdir(group).then(
    () => true,
    (error: unknown) => (error as NodeJS.ErrnoException).code === 'ENOENT',
  );
}

async function childGroups(group: string): Promise<string[]> {
  const entries = await readdir(group, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map((entry) => path.join(group, entry.name));
}

const leftover = (what: string): PgscaleError => new PgscaleError('PGS_LAB_LEFTOVER', { what });
