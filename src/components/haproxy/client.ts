import { z } from 'zod';

import { PgscaleError } from '../../errors/pgscale-error.ts';
import { cmd, sh, type Command } from '../../host/command.ts';
import type { Host, Reader } from '../../host/host.ts';
import { HAPROXY } from '../../spec/layout.ts';

/** Columns of HAProxy's CSV that count here. https://docs.haproxy.org/3.2/management.html#9.1 */
const rowSchema = z.object({ pxname: z.string(), svname: z.string(), status: z.string(), scur: z.coerce.number() });

const UP = /^UP\b/u;

/** Where one HAProxy sends connections now. */
export interface ProxyStatus {
  /** Members that take connections to the primary; more than one would be wrong. */
  readonly primary: readonly string[];
  readonly replicas: readonly string[];
  /** Members that `setReplicaState` keeps out of the endpoint `replica`, whatever their health. */
  readonly drained: readonly string[];
  /** Client sessions over all frontends. */
  readonly sessions: number;
}

/** The statistics over the socket that only root may use. Undefined when HAProxy does not answer. */
export async function readProxyStatus(reader: Reader): Promise<ProxyStatus | undefined> {
  const answer = await reader.read(
    cmd(
      'curl',
      ...['--silent', '--fail', '--noproxy', '*', '--max-time', '3'],
      ...['--unix-socket', HAPROXY.statsSocket, 'http://localhost/;csv'],
    ),
  );
  return answer.exitCode === 0 ? parseProxyStatus(answer.stdout) : undefined;
}

/**
 * `maint`: no new sessions of the replica endpoint for this member, whatever its health; `ready`: by its health again.
 * Lasts until HAProxy is reloaded. Nothing happens where no HAProxy runs, or where it does not know the member.
 * https://docs.haproxy.org/3.2/management.html#9.3-set%20server
 *
 * @throws PgscaleError PGS_REMOTE_ANSWER when HAProxy refuses
 */
export async function setReplicaState(host: Host, member: string, state: 'maint' | 'ready'): Promise<void> {
  const orders = ['postgres_replica', 'postgres_replica_same_zone'].map(
    (backend) => `set server ${backend}/${member} state ${state}`,
  );
  const order = runtimeCommand(orders.join('; '));
  const { exitCode, stdout } = await host.run(order, { okStatuses: 'any' });
  const answer = stdout
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^No such (?:server|backend)/u.test(line))
    .join('\n');
  if (exitCode !== 0 || answer === '') return;
  throw new PgscaleError('PGS_REMOTE_ANSWER', {
    what: `HAProxy on ${host.name} refuses to set ${member} to ${state}`,
    host: host.name,
    why: answer,
  });
}

/** Reads the CSV. Pure; undefined when it is none. */
export function parseProxyStatus(csv: string): ProxyStatus | undefined {
  const [head = '', ...lines] = csv.split('\n');
  if (!head.startsWith('# pxname,')) return undefined;
  const columns = head.slice(2).split(',');
  const rows = lines.flatMap((line) => {
    const values = line.split(',');
    return rowSchema.safeParse(Object.fromEntries(columns.map((name, index) => [name, values[index]]))).data ?? [];
  });
  const servers = (backend: string, state: RegExp): string[] =>
    rows
      .filter(({ pxname, svname, status }) => pxname === backend && svname !== 'BACKEND' && state.test(status))
      .map(({ svname }) => svname);
  return {
    primary: servers('postgres_primary', UP),
    replicas: servers('postgres_replica', UP),
    drained: servers('postgres_replica', /^MAINT\b/u),
    sessions: rows
      .filter(({ pxname, svname }) => svname === 'FRONTEND' && pxname !== 'stats')
      .reduce((sum, { scur }) => sum + scur, 0),
  };
}

/**
 * SHA-1 (hexadecimal, in capitals) of the certificate that HAProxy has in memory for a file; undefined when it does not
 * answer. https://docs.haproxy.org/3.2/management.html#9.3-show%20ssl%20cert
 */
export async function readProxyCertificate(reader: Reader, file: string): Promise<string | undefined> {
  const answer = await reader.read(runtimeCommand(`show ssl cert ${file}`));
  return /^SHA1 FingerPrint: ([\dA-F]+)$/mu.exec(answer.stdout)?.[1];
}

/** One command of the runtime API. curl's telnet is the plainest client of its socket. */
function runtimeCommand(command: string): Command {
  return sh`printf '%s\n' ${command} | curl --silent --max-time 3 --unix-socket ${HAPROXY.socket} telnet://localhost`;
}
