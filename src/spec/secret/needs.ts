import { randomBytes } from 'node:crypto';

import type { RepositoryType } from '../../components/pgbackrest/spec.ts';
import { rolesWithPassword } from '../cdc.ts';
import type { Spec } from '../schema.ts';

/** What of a spec decides which secrets there have to be. */
export interface SecretScope {
  readonly roleNames: readonly string[];
  readonly repository: RepositoryType | undefined;
}

/** One secret that has to be there. */
export interface SecretNeed {
  readonly path: readonly string[];
  /** Makes a value; undefined for what somebody else gives out (access keys). */
  readonly generate: (() => string) | undefined;
}

const REPOSITORY_KEYS: Readonly<Record<RepositoryType, readonly string[]>> = {
  s3: ['accessKey', 'secretKey'],
  posix: [],
  sftp: ['key'],
  azure: ['key'],
  gcs: ['key'],
};

export function scopeOf(spec: Spec): SecretScope {
  return { roleNames: rolesWithPassword(spec), repository: spec.backup?.repository.type };
}

/** Every secret that a cluster needs, but for the CA, whose two parts belong together. */
export function secretNeeds(scope: SecretScope): SecretNeed[] {
  const own = ['replication', 'rewind', 'poolerAuth', 'patroniRest'];
  const repositoryKeys = scope.repository === undefined ? [] : REPOSITORY_KEYS[scope.repository];
  return [
    ...own.map((name) => ({ path: ['passwords', name], generate: () => password(24) })),
    { path: ['passwords', 'vrrp'], generate: () => password(6) },
    ...scope.roleNames.map((name) => ({ path: ['roles', name], generate: () => password(24) })),
    { path: ['backupCipher'], generate: () => password(48) },
    ...repositoryKeys.map((name) => ({ path: ['repository', name], generate: undefined })),
  ];
}

/** Random text that is safe in a URL, a shell and a configuration file: 4 characters for each 3 bytes. */
function password(bytes: number): string {
  return randomBytes(bytes).toString('base64url');
}
