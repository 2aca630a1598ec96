import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

import { PgscaleError, throwAll } from '../errors/pgscale-error.ts';
import { expandHome } from './home.ts';
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
  if (spec !== undefined && !(secrets instanceof PgscaleError)) {
    return { spec: await withRepositoryCa(spec, dirname(specPath)), secrets };
  }
  throwAll([
    ...(spec === undefined ? [specInvalid(specPath, problems)] : []),
    ...(secrets instanceof PgscaleError ? [secrets] : []),
  ]);
  throw new Error('unreachable: one of the two was wrong');
}

/** The CA of the repository is a file of this machine, beside the spec unless its path is absolute. */
async function withRepositoryCa(spec: Spec, folder: string): Promise<Spec> {
  const repository = spec.backup?.repository;
  if (repository === undefined || !('caFile' in repository) || repository.caFile === undefined) return spec;
  const path = resolve(folder, expandHome(repository.caFile));
  try {
    return { ...spec, repositoryCa: await readFile(path, 'utf8') };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new PgscaleError('PGS_SPEC_MISSING', { what: `cannot read backup.repository.caFile ${path}`, why, cause });
  }
}
