import { readFile, rename, stat, writeFile } from 'node:fs/promises';
import { dirname, join, parse } from 'node:path';

import { PgscaleError } from '../../errors/pgscale-error.ts';

/** The secrets of `orders.yaml` are in `orders.secrets.yaml`, beside it. */
export function secretsPath(specPath: string): string {
  return join(dirname(specPath), `${parse(specPath).name}.secrets.yaml`);
}

/**
 * The text of a secrets file, undefined when there is none.
 * @throws PgscaleError PGS_SECRETS_READABLE when group or others have any access.
 */
export async function readSecretsText(path: string): Promise<string | undefined> {
  try {
    const { mode } = await stat(path);
    if ((mode & 0o077) !== 0) throw readable(path, mode);
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function readable(path: string, mode: number): PgscaleError {
  return new PgscaleError('PGS_SECRETS_READABLE', {
    what: `others than the owner have access to ${path}`,
    why: `its mode is ${(mode & 0o777).toString(8).padStart(4, '0')}, expected 0600`,
    next: [`chmod 600 ${path}`],
  });
}

/** Writes the file by a temporary one and a rename, readable by its owner alone from the first moment on. */
export async function writeSecretsText(path: string, text: string): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  await writeFile(temporary, text, { mode: 0o600, flag: 'wx' });
  await rename(temporary, path);
}
