import prettyBytes from 'pretty-bytes';

import type { HostFacts } from '../host/facts.ts';
import { readPackageVerdicts } from './packages.ts';
import { error, warning, type Check, type Verdict } from './check.ts';

const ARCHITECTURES = new Set(['x86_64', 'aarch64']);
/**
 * The oldest releases whose own HAProxy (3.0), etcd (3.5) and Node (20) are new enough; the rest is in the repository of
 * the PostgreSQL project, too. Debian 12 has 2.6, 3.4 and 18, Ubuntu 24.04 has 2.8, 3.4 and 18. A release without a
 * number is newer than all that have one.
 */
const OLDEST: Readonly<Record<string, number>> = { debian: 13, ubuntu: 25.04 };
const NEWER = 'Use Debian 13 or newer, or Ubuntu 25.04 or newer';
const MIN_MEMORY_BYTES = 900 * 1024 ** 2;
const COMFORTABLE_MEMORY_BYTES = 2 * 1024 ** 3;
/**
 * etcd wants two to four for itself in typical clusters: https://etcd.io/docs/v3.5/op-guide/hardware/. On one, a busy query
 * keeps Patroni and etcd from renewing their leases in time, and a healthy primary loses its place.
 */
const COMFORTABLE_CPUS = 2;

/** Operating system, architecture, CPUs and memory. */
export const system: Check = {
  id: 'system',
  title: 'Operating system, CPUs and memory',
  run: async (reader, target) => {
    const { facts } = target;
    // Somebody may have added repositories that have what the release has not.
    const isEquipped = isOldRelease(facts) && (await readPackageVerdicts(reader, target)).length === 0;
    return [...platformVerdicts(facts, isEquipped), ...cpuVerdicts(facts), ...memoryVerdicts(facts)];
  },
};

/**
 * Whether pgscale knows this operating system and architecture; pure.
 * @param isEquipped whether apt has every package there, although the release is too old to have them itself
 */
export function platformVerdicts(facts: HostFacts, isEquipped: boolean): Verdict[] {
  const verdicts: Verdict[] = [];
  const name = `${facts.osId} ${facts.osVersion}`.trim();
  if (OLDEST[facts.osId] === undefined) {
    verdicts.push(error('os-unsupported', `runs ${name}, which pgscale does not support`, `${NEWER}.`));
  } else if (isOldRelease(facts) && !isEquipped) {
    const remedy = `${NEWER}; or add repositories to this one that have every package in the version that pgscale needs, and run \`apt-get update\`.`;
    verdicts.push(error('os-unsupported', `runs ${name}, whose packages are older than pgscale needs`, remedy));
  }
  if (!ARCHITECTURES.has(facts.architecture)) {
    verdicts.push(error('architecture-unsupported', `is ${facts.architecture}`, 'Use a host with amd64 or arm64.'));
  }
  return verdicts;
}

function isOldRelease({ osId, osVersion }: HostFacts): boolean {
  const oldest = OLDEST[osId];
  return oldest !== undefined && Number(osVersion || oldest) < oldest;
}

/** Whether it has CPUs for more than one thing at a time; pure. */
export function cpuVerdicts({ cpuCount }: HostFacts): Verdict[] {
  if (cpuCount >= COMFORTABLE_CPUS) return [];
  return [warning('cpu-few', `has ${cpuCount} CPU`, `Give it ${COMFORTABLE_CPUS} or more.`)];
}

/** Whether a database fits in its memory; pure. */
export function memoryVerdicts({ memoryBytes }: HostFacts): Verdict[] {
  const memory = prettyBytes(memoryBytes, { binary: true });
  if (memoryBytes < MIN_MEMORY_BYTES) {
    return [error('memory-too-small', `has ${memory} of memory`, 'Give it 1 GiB at least, better 4 GiB.')];
  }
  if (memoryBytes >= COMFORTABLE_MEMORY_BYTES) return [];
  return [warning('memory-small', `has ${memory} of memory`, 'Give it 2 GiB or more.')];
}
