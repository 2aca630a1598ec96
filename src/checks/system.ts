import prettyBytes from 'pretty-bytes';

import type { HostFacts } from '../host/facts.ts';
import { error, warning, type Check, type Verdict } from './check.ts';

const ARCHITECTURES = new Set(['x86_64', 'aarch64']);
/** The oldest releases that have or can get all packages; a release without a number is newer than all that have one. */
const OLDEST: Readonly<Record<string, number>> = { debian: 12, ubuntu: 24.04 };
const MIN_MEMORY_BYTES = 900 * 1024 ** 2;
const COMFORTABLE_MEMORY_BYTES = 2 * 1024 ** 3;

/** Operating system, architecture and memory. */
export const system: Check = {
  id: 'system',
  title: 'Operating system and memory',
  run: async (_, { facts }) => [...platformVerdicts(facts), ...memoryVerdicts(facts)],
};

/** Whether pgscale knows this operating system and architecture; pure. */
export function platformVerdicts(facts: HostFacts): Verdict[] {
  const verdicts: Verdict[] = [];
  const oldest = OLDEST[facts.osId];
  if (oldest === undefined || Number(facts.osVersion || oldest) < oldest) {
    verdicts.push(
      error(
        'os-unsupported',
        `runs ${facts.osId} ${facts.osVersion}, which pgscale does not support`,
        'Use Debian 12 or newer, or Ubuntu 24.04 or newer.',
      ),
    );
  }
  if (!ARCHITECTURES.has(facts.architecture)) {
    verdicts.push(error('architecture-unsupported', `is ${facts.architecture}`, 'Use a host with amd64 or arm64.'));
  }
  return verdicts;
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
