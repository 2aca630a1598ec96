import { cmd } from '../host/command.ts';
import type { HostSpec } from '../spec/schema.ts';
import { chosenHosts } from './chosen-hosts.ts';
import { requiredHosts, type ClusterSession } from './cluster-session.ts';
import { LineSplitter } from './lines.ts';
import { leaderOf, readMembers } from './switchover/look.ts';

export type ExecRole = 'database' | 'dcs' | 'proxy' | 'primary' | 'standby';

export interface ExecChoice {
  /** Empty, without a role: all hosts. */
  readonly hosts: readonly string[];
  readonly role?: ExecRole | undefined;
  readonly deadlineMs: number;
}

/** What a program left behind on one host. */
export interface ExecResult {
  readonly host: string;
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program as root on several hosts at once, each argument as it is. Any exit status is an answer.
 * @param onLine gets each line of standard output as it comes
 * @throws PgscaleError PGS_MEMBER_UNKNOWN, PGS_HOST_UNREACHABLE for a chosen host, PGS_NO_LEADER (for the roles primary
 * and standby), PGS_REMOTE_DEADLINE
 */
export async function execOnHosts(
  session: ClusterSession,
  choice: ExecChoice,
  words: readonly [string, ...string[]],
  onLine: (host: string, line: string) => void,
): Promise<ExecResult[]> {
  const [program, ...rest] = words;
  const hosts = await requiredHosts(session, await hostsFor(session, choice));
  return Promise.all(
    hosts.map(async (host) => {
      const { name } = host;
      const lines = new LineSplitter((line) => onLine(name, line));
      const onStdout = (text: string): void => lines.push(text);
      const options = { okStatuses: 'any', deadlineMs: choice.deadlineMs, onStdout } as const;
      const { exitCode, stdout, stderr } = await host.run(cmd(program, ...rest), options);
      lines.end();
      return { host: name, exitCode, stdout, stderr };
    }),
  );
}

async function hostsFor(session: ClusterSession, { hosts, role }: ExecChoice): Promise<HostSpec[]> {
  if (role !== 'primary' && role !== 'standby') return chosenHosts(session.spec, { names: hosts, role });
  const primary = leaderOf(await readMembers(session));
  const members = chosenHosts(session.spec, { role: 'database' });
  return members.filter(({ name }) => (name === primary) === (role === 'primary'));
}
