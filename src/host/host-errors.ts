import { PgscaleError } from '../errors/pgscale-error.ts';
import { quote, type Command } from './command.ts';
import { destination, type ConnectionSettings } from './connection-settings.ts';
import type { CommandResult, RunOptions } from './host.ts';

const STDERR_LINES = 20;
const COMMAND_CHARACTERS = 300;

/** How a command is run, with the words by which errors call it; default: its own text. */
export interface ExecuteOptions extends RunOptions {
  label?: string;
}

/** What to type to see the same without pgscale. */
function sshLine({ port, user, address, identityFile }: ConnectionSettings): string {
  const key = identityFile === undefined ? '' : ` -i ${quote(identityFile)}`;
  return `ssh -p ${port}${key} ${user}@${address}`;
}

/** A host that cannot be reached, or not any more. */
export function unreachable(settings: ConnectionSettings, cause: unknown, how = 'does not answer'): PgscaleError {
  return new PgscaleError('PGS_HOST_UNREACHABLE', {
    what: `${destination(settings)} ${how}: ${explain(cause)}`,
    host: settings.name,
    next: [`Try \`${sshLine(settings)} true\` from this machine; when that works, run the same command again.`],
    cause,
  });
}

const SOCKET_ERRORS: Record<string, string> = {
  ECONNREFUSED: 'connection refused, nothing listens on that port',
  ECONNRESET: 'the connection was reset',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to that network',
  ETIMEDOUT: 'no answer, the packets may be dropped by a firewall',
  ENOTFOUND: 'there is no such name in DNS',
  EAI_AGAIN: 'DNS does not answer',
};

function explain(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const code = (cause as NodeJS.ErrnoException).code;
  return SOCKET_ERRORS[code ?? ''] ?? cause.message;
}

export function authRefused(settings: ConnectionSettings, why: string): PgscaleError {
  return new PgscaleError('PGS_HOST_AUTH', {
    what: `${destination(settings)} refused the login as ${settings.user}`,
    host: settings.name,
    next: [
      `Find a login that works with \`${sshLine(settings)}\`, and set \`ssh.user\` and \`ssh.identityFile\` in the spec to it.`,
    ],
    why,
  });
}

export function sudoRefused(host: string, user: string, stderr: string): PgscaleError {
  return new PgscaleError('PGS_HOST_SUDO', {
    what: `${user} may not become root on ${host}`,
    host,
    why: stderr,
    next: [`Add \`${user} ALL=(ALL) NOPASSWD: ALL\` to /etc/sudoers.d/pgscale on ${host}, or set \`ssh.user: root\`.`],
  });
}

export function commandFailed(
  host: string,
  command: Command,
  result: CommandResult,
  options: ExecuteOptions,
): PgscaleError {
  return new PgscaleError('PGS_REMOTE_COMMAND', {
    what: `a command on ${host} ended with status ${result.exitCode}: ${nameOf(command, options)}`,
    host,
    ...(options.secret === true ? {} : { why: lastLines(result.stderr === '' ? result.stdout : result.stderr) }),
    details: { exitCode: result.exitCode },
  });
}

export function deadlinePassed(
  host: string,
  command: Command,
  deadlineMs: number,
  options: ExecuteOptions,
): PgscaleError {
  return new PgscaleError('PGS_REMOTE_DEADLINE', {
    what: `a command on ${host} did not end within ${deadlineMs / 1000} s: ${nameOf(command, options)}`,
    host,
    details: { deadlineMs },
  });
}

function nameOf(command: Command, options: ExecuteOptions): string {
  if (options.secret === true) return '(hidden, it may hold a secret)';
  const script = options.label ?? command.script;
  return script.length > COMMAND_CHARACTERS ? `${script.slice(0, COMMAND_CHARACTERS)} …` : script;
}

function lastLines(text: string): string {
  return text.split('\n').slice(-STDERR_LINES).join('\n');
}
