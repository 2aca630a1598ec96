import { PgscaleError, throwRejected } from '../errors/pgscale-error.ts';
import { cmd, type Command } from '../host/command.ts';
import type { CommandResult } from '../host/host.ts';
import { ETCD, HAPROXY, KEEPALIVED, PATRONI } from '../spec/layout.ts';
import { chosenHosts } from './chosen-hosts.ts';
import type { ClusterSession } from './cluster-session.ts';
import { LineSplitter } from './lines.ts';

export type LogComponent = 'postgres' | 'patroni' | 'etcd' | 'pgbouncer' | 'haproxy' | 'keepalived' | 'pgscale';

export interface LogChoice {
  readonly hosts: readonly string[];
  /** Default: PostgreSQL and Patroni, which share a journal. */
  readonly component?: LogComponent | undefined;
  readonly lines: number;
  /** As journalctl takes it: `10 min ago`. */
  readonly since?: string | undefined;
  readonly isFollowing: boolean;
}

/** PostgreSQL is a child of Patroni and writes to its journal; what differs is the program. */
const SELECTION: Readonly<Record<LogComponent, readonly string[]>> = {
  postgres: ['-u', PATRONI.unit, '_COMM=postgres'],
  patroni: ['-u', PATRONI.unit, '_COMM=patroni'],
  etcd: ['-u', ETCD.unit],
  pgbouncer: ['-u', 'pgscale-pgbouncer@*'],
  haproxy: ['-u', HAPROXY.unit],
  keepalived: ['-u', KEEPALIVED.unit],
  pgscale: ['-u', 'pgscale-*'],
};

/**
 * Shows the journal of a component on some hosts at once, line by line as it comes. One that does not answer keeps nobody
 * from seeing the others; it is an error at the end.
 * @param onLine gets the host and one line
 * @param signal ends a log that is followed
 * @throws PgscaleError PGS_MEMBER_UNKNOWN, PGS_HOST_UNREACHABLE, PGS_REMOTE_COMMAND when journalctl refuses
 */
export async function readLogs(
  session: ClusterSession,
  choice: LogChoice,
  onLine: (host: string, line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const hosts = chosenHosts(session.spec, { names: choice.hosts });
  const stopped = abortion(signal);
  const shown = hosts.map(async ({ name }) => {
    const lines = new LineSplitter((line) => onLine(name, line));
    await using log = await session.host(name).session(journal(choice), (text) => lines.push(text));
    const result = await Promise.race([log.ended, stopped]);
    lines.end();
    if (result !== undefined) refuseCutOff(name, result);
  });
  throwRejected(await Promise.allSettled(shown));
}

/** Resolves when, or if it has been before, the signal is given. */
function abortion(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}

/** No lines must not mean that there was nothing to say. */
function refuseCutOff(host: string, { exitCode, stderr }: CommandResult): void {
  if (exitCode === 0) return;
  if (exitCode < 0) {
    throw new PgscaleError('PGS_HOST_UNREACHABLE', {
      what: `the connection to ${host} broke while its log was read`,
      host,
    });
  }
  const what = `journalctl on ${host} ended with status ${exitCode}`;
  throw new PgscaleError('PGS_REMOTE_COMMAND', { what, host, why: stderr, details: { exitCode } });
}

/** Pure. */
export function journal({ component, lines, since, isFollowing }: LogChoice): Command {
  return cmd(
    'journalctl',
    ...['--no-pager', '--quiet', '--output=short-iso', `--lines=${lines}`],
    ...(since === undefined ? [] : [`--since=${since}`]),
    ...(isFollowing ? ['--follow'] : []),
    ...(component === undefined ? ['-u', PATRONI.unit] : SELECTION[component]),
  );
}
