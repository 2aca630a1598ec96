import { chalkStderr as chalk } from 'chalk';

import type { PgscaleError } from './pgscale-error.ts';

/** The error as a person reads it: what and where, why, what to type next, and its code. */
export function renderError(error: PgscaleError): string {
  const where = error.host === undefined || error.message.includes(error.host) ? '' : ` (${error.host})`;
  const lines = [
    `${chalk.red('✖')} ${chalk.bold(error.message)}${where}`,
    ...indent(error.why ?? '', '    '),
    ...error.next.map((line) => `  ${chalk.cyan('next:')} ${line}`),
    chalk.dim(`  code: ${error.code} (pgscale explain ${error.code})`),
  ];
  return lines.join('\n');
}

function indent(text: string, by: string): string[] {
  return text === '' ? [] : text.split('\n').map((line) => `${by}${line}`);
}

interface ErrorJson {
  code: string;
  message: string;
  host?: string;
  why?: string;
  next: string[];
  details: Record<string, unknown>;
}

/** The errors as `--json` gives them: `error` is the first, and `errors` has all when there are several. */
export function errorJson(errors: readonly [PgscaleError, ...PgscaleError[]]): Record<string, unknown> {
  const all = errors.map(toJson);
  return all.length === 1 ? { error: all[0] } : { error: all[0], errors: all };
}

function toJson(error: PgscaleError): ErrorJson {
  const { code, message, host, why, next, details } = error;
  return { code, message, ...(host !== undefined && { host }), ...(why !== undefined && { why }), next, details };
}
