import { z } from 'zod';

import { PgscaleError } from '../errors/pgscale-error.ts';

const planFileSchema = z.object({ digest: z.string().length(64) });

/** The digest in a file that `plan --out` wrote. @throws PgscaleError PGS_USAGE when it is no such file. */
export function readPlanDigest(text: string, path: string): string {
  try {
    return planFileSchema.parse(JSON.parse(text)).digest;
  } catch (cause) {
    throw new PgscaleError('PGS_PLAN_STALE', {
      what: `${path} is not a file that \`pgscale plan --out\` wrote`,
      cause,
    });
  }
}
