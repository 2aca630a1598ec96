import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import pg from 'pg';

import type { ValveSettings } from './settings.ts';

const CONNECT_MS = 1000;
const RETRY_MS = 20;
/** A write that reaches the disk without needing a table; standbys are not waited for. */
const WRITE = "set synchronous_commit = local; select pg_logical_emit_message(true, 'pgscale', 'move')";

/**
 * Returns when logins by the way that the poolers take end at a primary that takes writes: the first login of a pooler
 * that fails would turn away all its clients.
 * @param inARow so many at once: HAProxy takes turns while it believes that a former primary is one, too
 * @throws Error the last reason why not
 */
export async function untilPrimaryTakesWrites(
  door: ValveSettings['door'],
  deadlineMs: number,
  inARow = 1,
): Promise<void> {
  const login = {
    host: '127.0.0.1',
    port: door.port,
    database: door.database,
    user: door.user,
    password: passwordOf(door.user, readFileSync(door.userlist, 'utf8')),
    ssl: { ca: readFileSync(door.ca, 'utf8') },
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: CONNECT_MS,
    application_name: 'pgscale valve',
  };
  for (const endsAt = performance.now() + deadlineMs; ;) {
    try {
      for (let written = 0; written < inARow; written += 1) await write(login);
      return;
    } catch (error) {
      if (performance.now() >= endsAt) throw error;
      await sleep(RETRY_MS);
    }
  }
}

async function write(login: pg.ClientConfig): Promise<void> {
  const client = new pg.Client(login);
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query(WRITE);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** The password in PgBouncer's userlist: `"user" "password"` a line, quotes doubled. Pure. @throws Error without one */
export function passwordOf(user: string, userlist: string): string {
  const word = '"((?:[^"]|"")*)"';
  const entries = userlist.matchAll(new RegExp(`^${word} ${word}$`, 'gmu'));
  const plain = (text = ''): string => text.replaceAll('""', '"');
  for (const [, name, password] of entries) if (plain(name) === user) return plain(password);
  throw new Error(`no password of ${user} in the userlist`);
}
