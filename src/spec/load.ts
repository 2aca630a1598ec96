import { readFile } from 'node:fs/promises';

import { PgscaleError } from '../errors/pgscale-error.ts';
import { issueText, unknownKeyText } from './issue-text.ts';
import { knownKeys } from './known-keys.ts';
import { type Path, type Problem, renderProblems } from './problem.ts';
import { repair } from './repair.ts';
import { rolesWithPassword } from './cdc.ts';
import { checkRules } from './rules.ts';
import { type Spec, specSchema } from './schema.ts';
import { readSource, type Source } from './source.ts';
import { resolveHosts } from './topology.ts';

/** A spec that was read: either right, or with its problems. */
export interface ParsedSpec {
  readonly spec: Spec | undefined;
  readonly problems: readonly Problem[];
  /** The names of the PostgreSQL roles, as far as they can be read. */
  readonly roleNames: readonly string[];
}

/** Reads the text of a spec and finds everything that is wrong with it. Pure. */
export function parseSpec(text: string): ParsedSpec {
  const source = readSource(text);
  if (source.problems.length > 0) return { spec: undefined, problems: source.problems, roleNames: [] };
  const parsed = specSchema.safeParse(source.value, { reportInput: true });
  const shape = parsed.success ? [] : parsed.error.issues.flatMap((issue) => shapeProblems(source, issue));
  const repaired = repair(specSchema, source.value);
  if (repaired === undefined) return { spec: undefined, problems: shape.sort(byPlace), roleNames: [] };
  const spec = resolveHosts(repaired.value);
  const findings = checkRules(spec, repaired.shortened);
  const rules = findings.map(({ path, message, at }) => source.problemAt(repaired.original(path), message, at));
  const problems = [...shape, ...rules].sort(byPlace);
  const roleNames = rolesWithPassword(spec);
  return { spec: problems.length === 0 ? spec : undefined, problems, roleNames };
}

/**
 * Reads the spec at `path`, defaults filled in.
 * @throws PgscaleError PGS_SPEC_MISSING; PGS_SPEC_INVALID with every problem in `why` and `details.problems`.
 */
export async function loadSpec(path: string): Promise<Spec> {
  const { spec, problems } = parseSpec(await readSpecText(path));
  if (spec === undefined) throw specInvalid(path, problems);
  return spec;
}

/** @throws PgscaleError PGS_SPEC_MISSING when the file is not there or cannot be read. */
export async function readSpecText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new PgscaleError('PGS_SPEC_MISSING', { what: `cannot read the spec ${path}`, why, cause });
  }
}

/** The error for a spec with problems. */
export function specInvalid(path: string, problems: readonly Problem[]): PgscaleError {
  const count = problems.length === 1 ? 'a mistake' : `${problems.length} mistakes`;
  return new PgscaleError('PGS_SPEC_INVALID', {
    what: `${path} has ${count}`,
    why: renderProblems(path, problems),
    details: { file: path, problems },
  });
}

function byPlace(left: Problem, right: Problem): number {
  return left.line - right.line || left.column - right.column;
}

type Issue = Parameters<typeof issueText>[0];

function shapeProblems(source: Source, issue: Issue): Problem[] {
  const path: Path = issue.path.filter((part) => typeof part !== 'symbol');
  if (issue.code !== 'unrecognized_keys') {
    return [source.problemAt(path, issueText(issue), issue.code === 'invalid_key' ? 'key' : 'value')];
  }
  const known = knownKeys(specSchema, path, source.value);
  return issue.keys.map((key) => source.problemAt([...path, key], unknownKeyText(key, known), 'key'));
}
