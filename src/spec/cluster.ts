import { PgscaleError, throwAll } from '../errors/pgscale-error.ts';
import { parseSpec, readSpecText, specInvalid } from './load.ts';
import type { Spec } from './schema.ts';
import { readSecrets } from './secret/load.ts';
import type { Secrets } from './secrets.ts';

/** All that the operator's files say of a cluster. */
export interface Cluster {
  readonly spec: Spec;
  readonly secrets: Secrets;
}

/**
 * Reads the spec and its secrets, and reports what is wrong with either at once.
 * @param specText What the spec is about to say, instead of what the file says now.
 * @throws PgscaleError for one of them, PgscaleErrors for both; nothing was contacted.
 */
export async function loadCluster(specPath: string, specText?: string): Promise<Cluster> {
  const { spec, problems, roleNames } = parseSpec(specText ?? (await readSpecText(specPath)));
  const scope = { roleNames, repository: spec?.backup?.repository.type };
  const secrets = await readSecrets(specPath, scope).catch((error: unknown) => {
    if (error instanceof PgscaleError) return error;
    throw error;
  });
  if (spec !== undefined && !(secrets instanceof PgscaleError)) return { spec, secrets };
  throwAll([
    ...(spec === undefined ? [specInvalid(specPath, problems)] : []),
    ...(secrets instanceof PgscaleError ? [secrets] : []),
  ]);
  throw new Error('unreachable: one of the two was wrong');
}
