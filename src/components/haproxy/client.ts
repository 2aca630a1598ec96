import { z } from 'zod';

import { cmd, type Command } from '../../host/command.ts';
import type { Host, Reader } from '../../host/host.ts';
import { HAPROXY } from '../../spec/layout.ts';

/** Columns of HAProxy's CSV that count here. https://docs.haproxy.org/3.2/management.html#9.1 */
const rowSchema = z.object({ pxname: z.string(), svname: z.string(), status: z.string(), scur: z.coerce.number() });

/** Where one HAProxy sends connections now. */
export interface ProxyStatus {
  /** Members that take connections to the primary; more than one would be wrong. */
  readonly primary: readonly string[];
  readonly replicas: readonly string[];
  /** Client sessions over all frontends. */
  readonly sessions: number;
}

/** The statistics over the socket that only root may use. Undefined when HAProxy does not answer. */
export async function readProxyStatus(reader: Reader): Promise<ProxyStatus | undefined> {
  const answer = await reader.read(statistics());
  return answer.exitCode === 0 ? parseProxyStatus(answer.stdout) : undefined;
}

/** Sessions of the replica endpoint that this HAProxy has on a member; 0 when there is no HAProxy. */
export async function readReplicaSessions(reader: Reader, member: string): Promise<number> {
  const rows = parseRows((await reader.read(statistics())).stdout) ?? [];
  return rows.find(({ pxname, svname }) => pxname === 'postgres_replica' && svname === member)?.scur ?? 0;
}

/** `maint`: no new sessions of the replica endpoint for this member, whatever its health; `ready`: by its health again. */
export async function setReplicaState(host: Host, member: string, state: 'maint' | 'ready'): Promise<void> {
  const data = `s=${member}&action=${state}&b=postgres_replica`;
  const socket = ['--unix-socket', HAPROXY.statsSocket, '--data', data, 'http://localhost/'];
  await host.run(cmd('curl', '--silent', '--noproxy', '*', '--max-time', '3', '--output', '/dev/null', ...socket), {
    okStatuses: 'any',
  });
}

/** Reads the CSV. Pure; undefined when it is none. */
export function parseProxyStatus(csv: string): ProxyStatus | undefined {
  const rows = parseRows(csv);
  if (rows === undefined) return undefined;
  const up = (backend: string): string[] =>
    rows
      .filter(({ pxname, svname, status }) => pxname === backend && svname !== 'BACKEND' && /^UP\b/u.test(status))
      .map(({ svname }) => svname);
  return {
    primary: up('postgres_primary'),
    replicas: up('postgres_replica'),
    sessions: rows
      .filter(({ pxname, svname }) => svname === 'FRONTEND' && pxname !== 'stats')
      .reduce((sum, { scur }) => sum + scur, 0),
  };
}

function statistics(): Command {
  return cmd(
    'curl',
    ...['--silent', '--fail', '--noproxy', '*', '--max-time', '3'],
    ...['--unix-socket', HAPROXY.statsSocket, 'http://localhost/;csv'],
  );
}

function parseRows(csv: string): z.output<typeof rowSchema>[] | undefined {
  const [head = '', ...lines] = csv.split('\n');
  if (!head.startsWith('# pxname,')) return undefined;
  const columns = head.slice(2).split(',');
  return lines.flatMap((line) => {
    const values = line.split(',');
    return rowSchema.safeParse(Object.fromEntries(columns.map((name, index) => [name, values[index]]))).data ?? [];
  });
}
