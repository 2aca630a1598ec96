import { setTimeout as sleep } from 'node:timers/promises';

const PROGRAM = '/usr/lib/postgresql/18/bin/pgbench';

/** pgbench in the shell of a lab host. @param words flags and the database */
export function pgbench(words: string): string {
  return `${PROGRAM} ${words} 2>&1`;
}

/** The same on the host of a member, as postgres over its socket, in the database of the lab. */
export function localPgbench(flags: string): string {
  return `runuser -u postgres -- ${pgbench(`-h /var/run/postgresql ${flags} app`)}`;
}

/** Looks again and again, until the work has ended; the work's failure is its caller's. */
export async function whileRunning(work: Promise<unknown>, look: () => Promise<void>, pauseMs = 0): Promise<void> {
  const isOver = work.then(
    () => true,
    () => true,
  );
  while (!(await Promise.race([isOver, sleep(pauseMs, false)]))) await look();
}
