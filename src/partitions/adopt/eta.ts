import type { PlainTable } from './catalog.ts';
import { widened } from './keys.ts';

/** Measured on two cores (docs/decisions/adopt.md); a guess for any other machine. */
const SCAN_BYTES_PER_MS = 200_000;
const INDEX_ROWS_PER_MS = 400;

/** How long an adoption may take, in milliseconds: one scan to validate, and one index for each key that gets wider. Pure. */
export function durationOf(table: PlainTable): number {
  const scan = table.bytes / SCAN_BYTES_PER_MS;
  const indexes = widened(table).length * (scan * 2 + table.rows / INDEX_ROWS_PER_MS);
  return Math.ceil(scan + indexes);
}
