import type { Spec } from './schema.ts';

const MB = 1024 ** 2;
/** PostgreSQL counts shared_buffers without a unit in blocks of 8 kB. */
const BLOCK_BYTES = 8192;
const UNIT_BYTES: Readonly<Record<string, number>> = { B: 1, kB: 1024, MB, GB: 1024 * MB, TB: 1024 ** 2 * MB };

/** Above this more shared_buffers brings little, and checkpoints get longer. */
const SHARED_BUFFERS_MAX_MB = 64 * 1024;

/**
 * The memory of a host in MB, rounded down to whole 256 MB: another kernel reports a little more or less, and that must
 * not show up as a difference in the plan.
 */
export function roundedMemoryMb(memoryBytes: number): number {
  return Math.max(256, Math.floor(memoryBytes / MB / 256) * 256);
}

/**
 * shared_buffers on a host, in MB: as the spec says, or a quarter of the memory.
 * https://www.postgresql.org/docs/18/runtime-config-resource.html#GUC-SHARED-BUFFERS
 */
export function sharedBuffersMb(spec: Spec, memoryBytes: number): number {
  const wanted = spec.postgres.parameters['shared_buffers'];
  const bytes = wanted === undefined ? undefined : memoryBytesOf(String(wanted));
  if (bytes !== undefined) return Math.round(bytes / MB);
  return Math.min(SHARED_BUFFERS_MAX_MB, Math.floor(roundedMemoryMb(memoryBytes) / 4));
}

/** The bytes of a memory setting as PostgreSQL reads it (`8GB`, `16384`); undefined when it is none. */
function memoryBytesOf(text: string): number | undefined {
  const [, amount, unit] = /^\s*(\d+(?:\.\d+)?)\s*(B|kB|MB|GB|TB)?\s*$/u.exec(text) ?? [];
  if (amount === undefined) return undefined;
  return Number(amount) * (unit === undefined ? BLOCK_BYTES : (UNIT_BYTES[unit] ?? 1));
}
