import { access, appendFile, link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative } from 'node:path';

import { PgscaleError } from '../errors/pgscale-error.ts';
import { PACKAGE_ROOT } from '../package-root.ts';
import { parseSpec } from '../spec/load.ts';
import { ensureSecrets } from '../spec/secret/ensure.ts';
import { secretsPath } from '../spec/secret/file.ts';
import { type SpecDraft, writtenSpec } from '../spec/written.ts';

const SCHEMA_FILE = join(PACKAGE_ROOT, 'docs', 'reference', 'pgscale.schema.json');

export interface InitRequest {
  readonly specPath: string;
  readonly draft: SpecDraft;
  /** Secrets that are not generated, by name: `repository.accessKey`. References or values. */
  readonly secrets?: Readonly<Record<string, string>>;
}

/** What was written. */
export interface Initialised {
  readonly spec: string;
  readonly secrets: string;
  /** Secrets that somebody else gives out and that have to be put into the file yet. */
  readonly missingSecrets: readonly string[];
}

/** The text of the spec that `init` would write. @throws PgscaleError PGS_USAGE with everything that is wrong. */
export function initText(specPath: string, draft: SpecDraft): string {
  const text = writtenSpec(draft, schemaReference(dirname(specPath)));
  const { problems } = parseSpec(text);
  if (problems.length === 0) return text;
  const why = problems.map(({ path, message }) => `${path}: ${message}`).join('\n');
  throw new PgscaleError('PGS_USAGE', {
    what: 'these answers do not make a cluster',
    why,
    next: ['pgscale init --help'],
    details: { problems: problems.map(({ path, message }) => ({ path, message })) },
  });
}

/**
 * Writes the spec, the secrets and a .gitignore beside it. Overwrites nothing, and writes nothing unless all is right.
 * @throws PgscaleError PGS_INIT_EXISTS, PGS_USAGE
 */
export async function init({ specPath, draft, secrets = {} }: InitRequest): Promise<Initialised> {
  await requireNew(specPath);
  const text = initText(specPath, draft);
  const { spec } = parseSpec(text);
  if (spec === undefined) throw new Error('initText gave a spec with problems');
  await mkdir(dirname(specPath), { recursive: true });
  await ignoreInGit(specPath);
  await createWhole(specPath, text);
  const { path, missing } = await ensureSecrets(specPath, spec, secrets);
  return { spec: specPath, secrets: path, missingSecrets: missing };
}

/** @throws PgscaleError PGS_INIT_EXISTS when the spec or its secrets are there already. */
export async function requireNew(specPath: string): Promise<void> {
  for (const path of [specPath, secretsPath(specPath)]) {
    if (await exists(path)) throw existsAlready(path);
  }
}

function existsAlready(path: string): PgscaleError {
  return new PgscaleError('PGS_INIT_EXISTS', { what: `${path} exists already; nothing was written` });
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** Makes a file that was not there, all of it or nothing: a link, unlike a rename, never replaces one. */
async function createWhole(path: string, text: string): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await writeFile(temporary, text, { flag: 'wx' });
    await link(temporary, path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') throw existsAlready(path);
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Written before the secrets are, so that no `git add` in between can catch them. */
async function ignoreInGit(specPath: string): Promise<void> {
  const path = join(dirname(specPath), '.gitignore');
  const line = basename(secretsPath(specPath));
  const present = (await exists(path)) ? await readFile(path, 'utf8') : '';
  if (present.split(/\r?\n/u).some((each) => each.trim() === line || each.trim() === `/${line}`)) return;
  await appendFile(path, `${present === '' || present.endsWith('\n') ? '' : '\n'}${line}\n`);
}

/** Relative inside the repository of pgscale, so that an example can be moved with it. */
function schemaReference(folder: string): string {
  const path = relative(folder, SCHEMA_FILE);
  const isNear = !isAbsolute(path) && !path.startsWith('../../..');
  return isNear ? (path.startsWith('.') ? path : `./${path}`) : SCHEMA_FILE;
}
