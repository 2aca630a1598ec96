import { Document, isMap, parseDocument } from 'yaml';

import { createAuthority } from '../authority.ts';
import type { Spec } from '../schema.ts';
import { readSecretsText, secretsPath, writeSecretsText } from './file.ts';
import { readSecretsSource } from './load.ts';
import { scopeOf, secretNeeds } from './needs.ts';

const HEADER = ` The secrets of this cluster. Keep this file private (0600) and out of version control, and keep a copy: without the
 CA key and the backup cipher neither new hosts nor old backups are of use.
 Each value is the secret itself or a reference: env:NAME, file:PATH (relative to this file) or cmd:COMMAND.`;

export interface EnsuredSecrets {
  readonly path: string;
  /** Names of the secrets that were made, as `roles.app`. */
  readonly generated: readonly string[];
  /** Names of those that are missing still, because somebody else gives them out. */
  readonly missing: readonly string[];
}

/**
 * Makes the secrets that a spec needs and that are not in its file, and leaves all others and every comment as they are.
 *
 * @param given Values, or references, for some of them, by name.
 * @throws PgscaleError PGS_SECRETS_INVALID, PGS_SECRETS_READABLE for the file that is there.
 */
export async function ensureSecrets(
  specPath: string,
  spec: Spec,
  given: Readonly<Record<string, string>> = {},
): Promise<EnsuredSecrets> {
  const path = secretsPath(specPath);
  const document = await openDocument(path);
  const values = secretNeeds(scopeOf(spec))
    .filter((need) => !document.hasIn(need.path))
    .map(({ path: keys, generate }) => ({ keys, value: given[keys.join('.')] ?? generate?.() }));
  const generated = values.filter(({ value }) => value !== undefined);
  for (const { keys, value } of generated) document.setIn(keys, value);
  const names = generated.map(({ keys }) => keys.join('.'));
  if (await ensureAuthority(document, spec.cluster)) names.push('ca');
  if (names.length > 0) await writeSecretsText(path, document.toString({ lineWidth: 0 }));
  const missing = values.filter(({ value }) => value === undefined).map(({ keys }) => keys.join('.'));
  return { path, generated: names, missing };
}

async function openDocument(path: string): Promise<Document> {
  const text = await readSecretsText(path);
  if (text !== undefined) readSecretsSource(path, text);
  const document: Document = text === undefined ? new Document({}) : parseDocument(text);
  if (!isMap(document.contents)) document.contents = document.createNode({});
  if (text === undefined) document.commentBefore = HEADER;
  return document;
}

/** Half a CA is never completed: the other half would not fit. */
async function ensureAuthority(document: Document, cluster: string): Promise<boolean> {
  if (document.hasIn(['ca', 'certificate']) || document.hasIn(['ca', 'key'])) return false;
  document.set('ca', document.createNode(await createAuthority(cluster)));
  return true;
}
