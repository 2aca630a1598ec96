import type { z } from 'zod';

import { nearest } from './nearest.ts';

type Issue = z.core.$ZodIssue;

const TYPE_NAMES: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a mapping (key: value)',
  record: 'a mapping (key: value)',
  array: 'a list',
};

/**
 * What was expected, in words, and what was found instead. The issue must carry its input (zod's `reportInput`).
 *
 * @param secret The value is never shown.
 */
export function issueText(issue: Issue, secret = false): string {
  if (issue.code === 'invalid_type' && issue.input === undefined) return `missing: ${expected(issue)}`;
  if (issue.code === 'invalid_key') return issue.issues.map(expected).join('; ');
  if (secret) return expected(issue);
  return `${expected(issue)}${found(issue)}${suggestion(issue)}`;
}

/** What to say of a key that nobody knows. */
export function unknownKeyText(key: string, known: readonly string[]): string {
  const near = nearest(key, known);
  const allowed = known.length === 0 ? '' : `; allowed here: ${known.join(', ')}`;
  return `unknown key${near === undefined ? allowed : `, did you mean ${near}?`}`;
}

function expected(issue: Issue): string {
  if (issue.code === 'invalid_type') return `expected ${TYPE_NAMES[issue.expected] ?? issue.expected}`;
  if (issue.code === 'invalid_union') return union(issue);
  if (issue.code === 'invalid_value') {
    return `expected ${issue.values.length === 1 ? '' : 'one of '}${issue.values.map(String).join(', ')}`;
  }
  if (issue.code === 'too_small' && issue.origin === 'array' && issue.minimum === 1)
    return 'expected at least one entry';
  if (issue.code === 'too_small') return `expected ${String(issue.minimum)} or more${unit(issue.origin)}`;
  if (issue.code === 'too_big') return `expected ${String(issue.maximum)} or less${unit(issue.origin)}`;
  return issue.message;
}

function unit(origin: string): string {
  if (origin === 'string') return ' characters';
  return origin === 'array' ? ' entries' : '';
}

function union(issue: Extract<Issue, { code: 'invalid_union' }>): string {
  if (issue.message !== 'Invalid input') return issue.message.replace(/^Invalid discriminator value\. E/u, 'e');
  const options = issue.errors.flatMap(([first]) => (first === undefined ? [] : [expected(first)]));
  return options.map((option, index) => (index === 0 ? option : option.replace('expected ', ''))).join(' or ');
}

function found(issue: Issue): string {
  const { input } = issue;
  if (issue.code === 'invalid_union' && issue.discriminator !== undefined && typeof input === 'object') {
    return shown((input as Record<string, unknown> | null)?.[issue.discriminator]);
  }
  return issue.code === 'too_small' && issue.origin === 'array' ? '' : shown(input);
}

function shown(value: unknown): string {
  if (value === undefined) return '';
  if (value === null) return ', got nothing';
  if (Array.isArray(value)) return ', got a list';
  return typeof value === 'object' ? ', got a mapping' : `, got ${JSON.stringify(value)}`;
}

function suggestion(issue: Issue): string {
  if (issue.code !== 'invalid_value' || typeof issue.input !== 'string') return '';
  const near = nearest(issue.input, issue.values.map(String));
  return near === undefined ? '' : `, did you mean ${near}?`;
}
