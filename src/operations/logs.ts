import { cmd, type Command } from '../host/command.ts';
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
 * Shows the journal of a component on some hosts at once, line by line as it comes.
 * @param onLine gets the host and one line
 * @param signal ends a log that is followed
 * @throws PgscaleError PGS_MEMBER_UNKNOWN
 */
export async function readLogs(
  session: ClusterSession,
  choice: LogChoice,
  onLine: (host: string, line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const hosts = chosenHosts(session.spec, { names: choice.hosts });
  await Promise.all(
    hosts.map(async ({ name }) => {
      const lines = new LineSplitter((line) => onLine(name, line));
      await using shown = await session.host(name).session(journal(choice), (text) => lines.push(text));
      const stopped = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
      await Promise.race([shown.ended, stopped]);
      lines.end();
    }),
  );
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
