import { setTimeout as sleep } from 'node:timers/promises';

import type { Ask } from './look.ts';

const LOOK_MS = 20;
/** With a look, and what it takes to cancel, others wait for a tenth of a second. */
const YIELD_AFTER_MS = 40;

/**
 * Does what a session may wait for as long as it takes, and cancels it as soon as somebody else waits behind it. No
 * lock_timeout can do that: it would end the wait for older readers, too, which nobody is behind, and a detach has to wait
 * for those before it takes its locks on the partition and on the tables that its foreign keys refer to.
 *
 * @param ask a session of its own
 * @param pid of the session that does the work
 */
export async function yielding(ask: Ask, pid: number, work: () => Promise<void>): Promise<void> {
  let isOver = false;
  const watch = async (): Promise<void> => {
    while (!isOver) {
      await ask(cancelQuery(pid));
      await sleep(LOOK_MS);
    }
  };
  // Without the watch there is no server either, as its work will tell.
  const watching = watch().catch(() => undefined);
  try {
    await work();
  } finally {
    isOver = true;
    // A cancel that comes late must not meet the next statement.
    await watching;
  }
}

/** All locks are read only while somebody waits for one: that is not for free. Pure. */
export function cancelQuery(pid: number): string {
  return `SELECT CASE WHEN EXISTS (SELECT FROM pg_stat_get_activity(NULL) AS a
    WHERE a.pid <> ${pid} AND a.wait_event_type = 'Lock' AND a.wait_event = 'relation')
  THEN (SELECT count(pg_cancel_backend(${pid})) FROM (SELECT FROM pg_locks AS l
    WHERE NOT l.granted AND l.locktype = 'relation' AND l.pid <> ${pid}
      AND l.waitstart < clock_timestamp() - interval '${YIELD_AFTER_MS} ms' AND ${pid} = ANY (pg_blocking_pids(l.pid)) LIMIT 1) AS behind) END`;
}
