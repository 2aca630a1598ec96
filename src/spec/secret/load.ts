import { dirname } from 'node:path';

import { PgscaleError } from '../../errors/pgscale-error.ts';
import { issueText, unknownKeyText } from '../issue-text.ts';
import { knownKeys } from '../known-keys.ts';
import { type Problem, renderProblems } from '../problem.ts';
import type { Spec } from '../schema.ts';
import { readSource, type Source } from '../source.ts';
import { readSecretsText, secretsPath } from './file.ts';
import { scopeOf, secretNeeds, type SecretScope } from './needs.ts';
import { BrokenReference, resolveReference } from './reference.ts';
import { type Secrets, secretsFileSchema, secretsSchema } from './schema.ts';

/**
 * Reads the secrets beside a spec and looks up every reference.
 * @throws PgscaleError PGS_SECRET_MISSING (every missing one at once), PGS_SECRETS_INVALID, PGS_SECRETS_READABLE
 */
export async function loadSecrets(specPath: string, spec: Spec): Promise<Secrets> {
  return readSecrets(specPath, scopeOf(spec));
}

/** As `loadSecrets`, for what is known of a spec. */
export async function readSecrets(specPath: string, scope: SecretScope): Promise<Secrets> {
  const path = secretsPath(specPath);
  const text = await readSecretsText(path);
  if (text === undefined) {
    const next = [`pgscale secret generate --config ${specPath}`];
    throw new PgscaleError('PGS_SECRET_MISSING', { what: `there is no secrets file ${path}`, next });
  }
  const source = readSecretsSource(path, text);
  const values = await resolveAll(source.value, dirname(path));
  const required = [...secretNeeds(scope).map((need) => need.path), ['ca', 'certificate'], ['ca', 'key']];
  const absent = required.filter((each) => get(source.value, each) === undefined);
  const missing = [
    ...absent.map((each) => ({ secret: each.join('.'), reason: 'not in the file' })),
    ...values.broken.map(({ key, reason }) => ({ secret: key.join('.'), reason })),
  ];
  if (missing.length > 0) throw secretMissing(path, missing);
  return check(path, source, values.resolved);
}

/** @throws PgscaleError PGS_SECRETS_INVALID */
export function readSecretsSource(path: string, text: string): Source {
  const source = readSource(text);
  const parsed = secretsFileSchema.safeParse(source.value ?? {}, { reportInput: true });
  const problems = [...source.problems, ...(parsed.success ? [] : shapeProblems(source, parsed.error.issues))];
  if (problems.length > 0) throw secretsInvalid(path, problems);
  return source;
}

type Issue = Parameters<typeof issueText>[0];

function shapeProblems(source: Source, issues: readonly Issue[]): Problem[] {
  return issues.flatMap((issue) => {
    const path = issue.path.filter((part) => typeof part !== 'symbol');
    if (issue.code !== 'unrecognized_keys') return [source.problemAt(path, issueText(issue, true))];
    const known = knownKeys(secretsFileSchema, path, source.value);
    return issue.keys.map((key) => source.problemAt([...path, key], unknownKeyText(key, known), 'key'));
  });
}

function check(path: string, source: Source, resolved: unknown): Secrets {
  const parsed = secretsSchema.safeParse(resolved, { reportInput: true });
  if (parsed.success) return parsed.data;
  throw secretsInvalid(path, shapeProblems(source, parsed.error.issues));
}

function secretsInvalid(path: string, problems: readonly Problem[]): PgscaleError {
  const why = renderProblems(path, problems);
  return new PgscaleError('PGS_SECRETS_INVALID', { what: `${path} has mistakes`, why, details: { path, problems } });
}

function secretMissing(path: string, missing: readonly { secret: string; reason: string }[]): PgscaleError {
  return new PgscaleError('PGS_SECRET_MISSING', {
    what: `${missing.length === 1 ? 'a secret is' : `${missing.length} secrets are`} missing in ${path}`,
    why: missing.map(({ secret, reason }) => `${secret}: ${reason}`).join('\n'),
    details: { file: path, missing },
  });
}

interface Resolved {
  readonly resolved: unknown;
  readonly broken: { key: string[]; reason: string }[];
}

/** Looks up every reference in a tree of texts, at once. */
async function resolveAll(value: unknown, folder: string, key: string[] = []): Promise<Resolved> {
  if (typeof value === 'string') return resolveOne(value, folder, key);
  if (typeof value !== 'object' || value === null) return { resolved: value, broken: [] };
  const entries = await Promise.all(
    Object.entries(value).map(async ([name, each]) => [name, await resolveAll(each, folder, [...key, name])] as const),
  );
  return {
    resolved: Object.fromEntries(entries.map(([name, each]) => [name, each.resolved])),
    broken: entries.flatMap(([, each]) => each.broken),
  };
}

async function resolveOne(value: string, folder: string, key: string[]): Promise<Resolved> {
  try {
    return { resolved: await resolveReference(value, folder), broken: [] };
  } catch (error) {
    if (!(error instanceof BrokenReference)) throw error;
    return { resolved: undefined, broken: [{ key, reason: error.message }] };
  }
}

function get(root: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, part) => (value as Record<string, unknown> | undefined)?.[part], root);
}
