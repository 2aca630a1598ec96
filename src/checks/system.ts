import prettyBytes from 'pretty-bytes';

import type { HostFacts } from '../host/facts.ts';
import { error, warning, type Check, type Verdict } from './check.ts';

const ARCHITECTURES = new Set(['x86_64', 'aarch64']);
const DISTRIBUTIONS = new Set(['debian', 'ubuntu']);
const MIN_MEMORY_BYTES = 900 * 1024 ** 2;
const COMFORTABLE_MEMORY_BYTES = 2 * 1024 ** 3;
/** The packages take 1.2 GB, an empty cluster with its WAL another 1 GB. */
const MIN_DISK_FREE_BYTES = 3 * 1024 ** 3;
const COMFORTABLE_FREE_SHARE = 0.1;

/** Operating system, architecture, memory and disk. */
export const system: Check = {
  id: 'system',
  title: 'Operating system, memory and disk',
  run: async (_, { facts }) => [...platformVerdicts(facts), ...capacityVerdicts(facts)],
};

/** Whether pgscale knows this operating system and architecture; pure. */
export function platformVerdicts(facts: HostFacts): Verdict[] {
  const verdicts: Verdict[] = [];
  if (!DISTRIBUTIONS.has(facts.osId)) {
    verdicts.push(
      error(
        'os-unsupported',
        `runs ${facts.osId} ${facts.osVersion}`,
        'Use Debian 12 or newer, or Ubuntu 24.04 or newer.',
      ),
    );
  }
  if (!ARCHITECTURES.has(facts.architecture)) {
    verdicts.push(error('architecture-unsupported', `is ${facts.architecture}`, 'Use a host with amd64 or arm64.'));
  }
  return verdicts;
}

/** Whether there is room for a database; pure. */
export function capacityVerdicts(facts: HostFacts): Verdict[] {
  const verdicts: Verdict[] = [];
  const memory = prettyBytes(facts.memoryBytes, { binary: true });
  const free = prettyBytes(facts.diskFreeBytes, { binary: true });
  if (facts.memoryBytes < MIN_MEMORY_BYTES) {
    verdicts.push(error('memory-too-small', `has ${memory} of memory`, 'Give it 1 GiB at least, better 4 GiB.'));
  } else if (facts.memoryBytes < COMFORTABLE_MEMORY_BYTES) {
    verdicts.push(warning('memory-small', `has ${memory} of memory`, 'Give it 2 GiB or more.'));
  }
  if (facts.diskFreeBytes < MIN_DISK_FREE_BYTES) {
    verdicts.push(error('disk-full', `has ${free} free below /var/lib`, 'Free or add disk: 3 GiB at least.'));
  } else if (facts.diskFreeBytes < facts.diskBytes * COMFORTABLE_FREE_SHARE) {
    verdicts.push(warning('disk-nearly-full', `has only ${free} free below /var/lib`, 'Free or add disk.'));
  }
  return verdicts;
}
