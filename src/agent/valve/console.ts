import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import pg from 'pg';

const WANTED_UNITS = '/etc/systemd/system/multi-user.target.wants';
const CONNECT_MS = 3000;

/** The numbers of the PgBouncer processes that are enabled on this host. */
export function poolerProcesses(): number[] {
  return readdirSync(WANTED_UNITS)
    .flatMap((unit) => /^pgscale-pgbouncer@(\d+)\.service$/u.exec(unit)?.[1] ?? [])
    .map(Number);
}

export interface ConsoleAddress {
  readonly user: string;
  readonly port: number;
  readonly socketDirectory: string;
}

/**
 * The admin console of one process. PgBouncer asks its administrator `pgbouncer` for no password who connects by the socket
 * as the system user of the process, so that we are this user for the moment of connecting.
 * https://www.pgbouncer.org/usage.html#admin-console
 */
export async function openConsole({ user, port, socketDirectory }: ConsoleAddress): Promise<pg.Client> {
  const console = new pg.Client({
    host: join(socketDirectory),
    port,
    user: 'pgbouncer',
    database: 'pgbouncer',
    connectionTimeoutMillis: CONNECT_MS,
  });
  // A console that breaks makes its next statement fail, and that is heard.
  console.on('error', () => undefined);
  await as(user, () => console.connect());
  return console;
}

/** The kernel notes who connects when `connect` is called, which is before this returns. */
function as<T>(user: string, work: () => T): T {
  const own = process.geteuid?.();
  if (own !== 0) return work();
  process.seteuid?.(user);
  try {
    return work();
  } finally {
    process.seteuid?.(own);
  }
}
