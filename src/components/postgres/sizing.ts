import type { HostFacts } from '../../host/facts.ts';
import { roundedMemoryMb, sharedBuffersMb } from '../../spec/memory.ts';
import type { Spec } from '../../spec/schema.ts';

const GB_BYTES = 1024 ** 3;
const MB_PER_GB = 1024;

/** What PostgreSQL is given of a host. docs/decisions/sizing.md has the same table with the reasons. */
export interface Sizing {
  readonly sharedBuffersMb: number;
  readonly effectiveCacheMb: number;
  readonly workMemKb: number;
  readonly maintenanceWorkMemMb: number;
  readonly autovacuumWorkMemMb: number;
  readonly maxWalMb: number;
  readonly minWalMb: number;
  /** Past this, a slot that nobody reads is given up rather than the disk. */
  readonly slotWalMb: number;
  readonly ioWorkers: number;
  readonly parallelWorkers: number;
  readonly parallelWorkersPerGather: number;
}

/** The one table of sizes: pure, and steady against small changes of what the kernel reports. */
export function sizing(spec: Spec, facts: Pick<HostFacts, 'memoryBytes' | 'diskBytes' | 'cpuCount'>): Sizing {
  const memoryMb = roundedMemoryMb(facts.memoryBytes);
  const buffersMb = sharedBuffersMb(spec, facts.memoryBytes);
  const diskMb = Math.max(1, Math.floor(facts.diskBytes / GB_BYTES)) * MB_PER_GB;
  const maxWalMb = between(wholeMb(diskMb / 40, 128), MB_PER_GB, 16 * MB_PER_GB);
  return {
    sharedBuffersMb: buffersMb,
    effectiveCacheMb: Math.max(buffersMb, Math.floor(memoryMb * 0.75)),
    workMemKb: workMemKb(memoryMb, buffersMb, spec.pooler.backends),
    maintenanceWorkMemMb: between(Math.floor(memoryMb / 16), 16, 2 * MB_PER_GB),
    autovacuumWorkMemMb: between(Math.floor(memoryMb / 64), 16, MB_PER_GB),
    maxWalMb,
    minWalMb: maxWalMb / 4,
    slotWalMb: Math.max(2 * MB_PER_GB, Math.floor(diskMb / 5)),
    ioWorkers: between(Math.floor(facts.cpuCount / 4), 3, 32),
    parallelWorkers: between(facts.cpuCount, 2, 32),
    parallelWorkersPerGather: between(Math.floor(facts.cpuCount / 2), 1, 4),
  };
}

/**
 * A third of what shared_buffers and the rest of the host leave, divided by the backends: a query may use work_mem
 * several times over. Never below PostgreSQL's minimum of 64 kB, never above 256 MB.
 */
function workMemKb(memoryMb: number, buffersMb: number, backends: number): number {
  const reservedMb = Math.min(MB_PER_GB, memoryMb / 8);
  const freeKb = Math.max(0, memoryMb - buffersMb - reservedMb) * 1024;
  return between(Math.floor(freeKb / (3 * backends)), 64, 256 * 1024);
}

function between(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}

function wholeMb(valueMb: number, stepMb: number): number {
  return Math.floor(valueMb / stepMb) * stepMb;
}
