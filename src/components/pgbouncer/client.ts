import { z } from 'zod';

import { sh } from '../../host/command.ts';
import type { Reader } from '../../host/host.ts';
import { PGBOUNCER, POSTGRES } from '../../spec/layout.ts';
import { AS_POSTGRES } from '../../sql/psql.ts';

const count = z.coerce.number().int();

/** Columns of SHOW POOLS that count here. https://www.pgbouncer.org/usage.html#show-pools */
const rowSchema = z.object({
  database: z.string(),
  cl_active: count,
  cl_waiting: count,
  sv_active: count,
  sv_idle: count,
  /** Idle too, for longer than server_check_delay. */
  sv_used: count,
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

/** A process that should run on the host; without a status it does not answer. */
export interface PoolerReport {
  readonly process: number;
  readonly status: PoolerStatus | undefined;
}

/** Sets `id` to what stands between @ and .service in `unit`. */
const UNIT_NUMBER = { script: 'id=${unit##*@}; id=${id%.service}' };
const WANTED_UNITS = '/etc/systemd/system/multi-user.target.wants/pgscale-pgbouncer@';

/**
 * Asks every process that is enabled, by its own socket. The built-in administrator `pgbouncer` needs no password there,
 * for it is only for the system user that the process runs as.
 */
export async function readPoolers(reader: Reader, port: number): Promise<PoolerReport[]> {
  const show = sh`${AS_POSTGRES} env PGCONNECT_TIMEOUT=3 ${POSTGRES.binDirectory}/psql -X --csv -p ${port} -U pgbouncer -d pgbouncer -c ${'SHOW POOLS'}`;
  const answer = await reader.read(
    sh`for unit in ${WANTED_UNITS}*.service; do
  test -h "$unit" || continue
  ${UNIT_NUMBER}
  echo "process $id"
  ${show} -h ${PGBOUNCER.socketDirectories}/"$id"
done`,
  );
  return parsePoolers(answer.stdout);
}

/** Reads the answers, each with its process in a line before it. Pure. */
export function parsePoolers(text: string): PoolerReport[] {
  const [, ...answers] = `\n${text}`.split(/\nprocess (?=\d+(?:\n|$))/u);
  return answers.map((answer) => {
    const end = answer.indexOf('\n');
    const process = Number(end < 0 ? answer : answer.slice(0, end));
    return { process, status: end < 0 ? undefined : parsePools(answer.slice(end + 1)) };
  });
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
  const sum = (column: 'cl_active' | 'cl_waiting' | 'sv_active' | 'sv_idle' | 'sv_used'): number =>
    pools.reduce((total, pool) => total + pool[column], 0);
  return {
    clientsActive: sum('cl_active'),
    clientsWaiting: sum('cl_waiting'),
    serversActive: sum('sv_active'),
    serversIdle: sum('sv_idle') + sum('sv_used'),
    maxWaitSeconds: Math.max(0, ...pools.map((pool) => pool.maxwait)),
  };
}
