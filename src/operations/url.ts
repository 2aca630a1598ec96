import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';

import { PgscaleError } from '../errors/pgscale-error.ts';
import type { Cluster } from '../spec/cluster.ts';
import type { UrlOptions } from '../spec/urls.ts';
import { endpointUrl } from '../spec/urls.ts';

/** Which database and role a URL is for; the first of the spec and its owner when left out. */
export interface UrlChoice {
  readonly database?: string | undefined;
  readonly role?: string | undefined;
}

/** The URLs of the three endpoints, named as applications read them from the environment. */
export interface Urls {
  readonly DATABASE_URL: string;
  readonly DATABASE_REPLICA_URL: string;
  readonly DATABASE_POOL_URL: string;
}

/** The three URLs, passwords included. Contacts nothing. @throws PgscaleError PGS_DATABASE_UNKNOWN */
export function urls(cluster: Cluster, choice: UrlChoice, caFile?: string): Urls {
  const options: UrlOptions = {
    ...loginOf(cluster, choice),
    caFile: caFile === undefined ? undefined : resolve(caFile),
  };
  return {
    DATABASE_URL: endpointUrl(cluster.spec, 'primary', options),
    DATABASE_REPLICA_URL: endpointUrl(cluster.spec, 'replica', options),
    DATABASE_POOL_URL: endpointUrl(cluster.spec, 'pool', options),
  };
}

/** Decides database and role, and finds the password. @throws PgscaleError PGS_DATABASE_UNKNOWN */
export function loginOf({ spec, secrets }: Cluster, choice: UrlChoice): Omit<UrlOptions, 'caFile'> {
  const names = spec.databases.map(({ name }) => name);
  const database = choice.database ?? names[0];
  if (database === undefined || !names.includes(database)) throw unknown('database', database, names);
  const owner = spec.databases.find(({ name }) => name === database)?.owner;
  const role = choice.role ?? owner;
  const roles = Object.keys(secrets.roles);
  const password = role === undefined ? undefined : secrets.roles[role];
  if (role === undefined || password === undefined) throw unknown('role', role, roles);
  return { database, role, password };
}

/** Writes the certificate of the cluster's own CA, with which `sslmode=verify-full` works. */
export async function writeCa({ secrets }: Pick<Cluster, 'secrets'>, path: string): Promise<void> {
  await writeFile(path, secrets.ca.certificate);
}

function unknown(kind: 'database' | 'role', name: string | undefined, names: readonly string[]): PgscaleError {
  return new PgscaleError('PGS_DATABASE_UNKNOWN', {
    what: name === undefined ? `the spec has no ${kind}` : `the spec has no ${kind} ${name}`,
    ...(names.length > 0 && { why: `it has ${names.join(', ')}` }),
  });
}
