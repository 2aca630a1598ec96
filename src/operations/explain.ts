import { CATALOGUE, type CatalogueEntry, type ErrorCode } from '../errors/catalogue/index.ts';
import { EXIT_STATUS } from '../errors/exit-status.ts';
import { PgscaleError } from '../errors/pgscale-error.ts';
import { nearest } from '../spec/nearest.ts';

/** One error code, explained; `status` is the exit status that it gives. */
export interface Explanation extends CatalogueEntry {
  readonly code: ErrorCode;
  readonly status: number;
}

/** Every code with its explanation, by alphabet. */
export function listCodes(): Explanation[] {
  return (Object.keys(CATALOGUE) as ErrorCode[]).sort().map(explanation);
}

/**
 * The explanation of one code, in any case, with or without `PGS_`.
 * @throws PgscaleError PGS_CODE_UNKNOWN, with the nearest codes.
 */
export function explain(asked: string): Explanation {
  const upper = asked.toUpperCase().replaceAll('-', '_');
  const code = upper.startsWith('PGS_') ? upper : `PGS_${upper}`;
  if (code in CATALOGUE) return explanation(code as ErrorCode);
  const near = nearest(code, Object.keys(CATALOGUE));
  throw new PgscaleError('PGS_CODE_UNKNOWN', {
    what: `There is no error code ${asked}.`,
    ...(near !== undefined && { why: `Did you mean ${near}?`, next: [`pgscale explain ${near}`] }),
  });
}

function explanation(code: ErrorCode): Explanation {
  const entry: CatalogueEntry = CATALOGUE[code];
  return { code, ...entry, status: EXIT_STATUS[entry.exit].status };
}
