import { spawn } from 'node:child_process';

import * as z from 'zod/mini';

import { SqlSession } from '../partitions/sql-session.ts';

/** How a program of a host comes to its PostgreSQL. */
export const psqlAccess = z.object({ program: z.string(), socketDirectory: z.string(), port: z.number() });
export type PsqlAccess = z.output<typeof psqlAccess>;

/** A session with the PostgreSQL of this host, as the user that this program runs as; ends with `close`. */
export interface LocalSession {
  readonly session: SqlSession;
  readonly close: () => Promise<void>;
}

/** Starts psql over the Unix socket: peer authentication, no password. */
export function localSession(
  { program, socketDirectory, port }: PsqlAccess,
  database: string,
  application: string,
): LocalSession {
  const session = new SqlSession();
  const target = ['-h', socketDirectory, '-p', String(port), '-d', database];
  const child = spawn(program, ['-XAtq', ...target], {
    env: { ...process.env, PGCONNECT_TIMEOUT: '5', PGAPPNAME: application, LC_ALL: 'C.UTF-8' },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => session.hear(text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr = (stderr + text).slice(-4000)));
  child.stdin.on('error', () => undefined);
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', () => resolve(stderr));
  });
  session.attach({ write: (text) => child.stdin.write(text), ended });
  return {
    session,
    close: async () => {
      child.stdin.end();
      await ended;
    },
  };
}
