import { CLIError } from '@oclif/core/errors';

import { PgscaleError, PgscaleErrors } from './pgscale-error.ts';

/**
 * Makes pgscale's own errors out of whatever was thrown: a wrong command line becomes PGS_USAGE, Ctrl-C at a prompt
 * PGS_INTERRUPTED, and what nobody foresaw PGS_UNEXPECTED.
 */
export function normalise(error: unknown, command: string): [PgscaleError, ...PgscaleError[]] {
  if (error instanceof PgscaleErrors) return [error.first, ...error.errors.slice(1)];
  if (error instanceof PgscaleError) return [error];
  if (error instanceof AggregateError) {
    const [first, ...rest] = error.errors.flatMap((each) => normalise(each, command));
    if (first !== undefined) return [first, ...rest];
  }
  if (!(error instanceof Error)) return [new PgscaleError('PGS_UNEXPECTED', { what: String(error) })];
  if (isUsage(error)) return [usage(error, command)];
  if (error.name === 'ExitPromptError') return [new PgscaleError('PGS_INTERRUPTED', { what: 'You left the prompt.' })];
  return [unexpected(error)];
}

/** oclif gives 2 to everything that it does not like about a command line. */
function isUsage(error: Error): boolean {
  return error instanceof CLIError && error.oclif.exit === 2;
}

function usage(error: Error, command: string): PgscaleError {
  const [what = '', ...why] = error.message.replace(/\nSee more help with --help$/u, '').split('\n');
  const next = [`pgscale ${command} --help`];
  return new PgscaleError('PGS_USAGE', { what, next, ...(why.length > 0 && { why: why.join('\n') }) });
}

function unexpected(error: Error): PgscaleError {
  const causes = [];
  for (let cause = error.cause; cause instanceof Error; cause = cause.cause) causes.push(`caused by: ${cause.message}`);
  const why = causes.join('\n');
  return new PgscaleError('PGS_UNEXPECTED', { what: error.message, cause: error, ...(why !== '' && { why }) });
}
