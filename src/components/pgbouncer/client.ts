import { z } from 'zod';

import { sh } from '../../host/command.ts';
import type { Reader } from '../../host/host.ts';
import { PGBOUNCER } from '../../spec/layout.ts';

const count = z.coerce.number().int();

/** Columns of SHOW POOLS that count here. https://www.pgbouncer.org/usage.html#show-pools */
const rowSchema = z.object({
  database: z.string(),
  cl_active: count,
  cl_waiting: count,
  sv_active: count,
  sv_idle: count,
  maxwait: count,
});

/** One PgBouncer process, summed over its pools. */
export interface PoolerStatus {
  readonly clientsActive: number;
  readonly clientsWaiting: number;
  readonly serversActive: number;
  readonly serversIdle: number;
  /** How long the client waits that has waited longest. */
  readonly maxWaitSeconds: number;
}

/**
 * Asks one process by its own socket. Its built-in administrator `pgbouncer` needs no password there, for it is only for
 * the system user that the process runs as. Undefined when it does not answer.
 */
export async function readPoolerStatus(reader: Reader, id: number, port: number): Promise<PoolerStatus | undefined> {
  const answer = await reader.read(
    sh`runuser -u postgres -- env PGCONNECT_TIMEOUT=3 psql -X --csv -h ${PGBOUNCER.socketDirectory(id)} -p ${port} -U pgbouncer -d pgbouncer -c ${'SHOW POOLS'}`,
  );
  return answer.exitCode === 0 ? parsePools(answer.stdout) : undefined;
}

/** Reads the CSV of SHOW POOLS. Pure; undefined when it is none. */
export function parsePools(csv: string): PoolerStatus | undefined {
  const [head = '', ...lines] = csv.split('\n').filter((line) => line !== '');
  if (!head.startsWith('database,user,')) return undefined;
  const columns = head.split(',');
  const pools = lines
    .flatMap((line) => {
      const values = line.split(',');
      return rowSchema.safeParse(Object.fromEntries(columns.map((name, index) => [name, values[index]]))).data ?? [];
    })
    .filter(({ database }) => database !== 'pgbouncer');
  const sum = (column: 'cl_active' | 'cl_waiting' | 'sv_active' | 'sv_idle'): number =>
    pools.reduce((total, pool) => total + pool[column], 0);
  return {
    clientsActive: sum('cl_active'),
    clientsWaiting: sum('cl_waiting'),
    serversActive: sum('sv_active'),
    serversIdle: sum('sv_idle'),
    maxWaitSeconds: Math.max(0, ...pools.map((pool) => pool.maxwait)),
  };
}
