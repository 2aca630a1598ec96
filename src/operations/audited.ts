import { hostname, userInfo } from 'node:os';

import { PgscaleError } from '../errors/pgscale-error.ts';
import { appendAudit, type AuditEntry } from '../run/audit.ts';
import { refuseLostLock } from '../run/held-lock.ts';
import type { ClusterSession } from './cluster-session.ts';
import { messageOf } from '../errors/message.ts';

/** What the audit says of a run: `changes` are the same on every host, or told for each by its name. */
type Audited = Pick<AuditEntry, 'command' | 'planDigest'> & {
  changes: AuditEntry['changes'] | ((host: string) => AuditEntry['changes']);
};

/**
 * Does the work and writes to the audit log of every connected host how it ended. All that changes a cluster comes by here,
 * after a question that may have been open for long: without the lock nothing is begun.
 * @throws PgscaleError PGS_LOCK_LOST, and what the work throws
 */
export async function audited<T>(
  session: ClusterSession,
  { changes, ...what }: Audited,
  work: () => Promise<T>,
): Promise<T> {
  await refuseLostLock();
  const startedAt = performance.now();
  const write = async (result: AuditEntry['result'], error?: string): Promise<void> => {
    const entry = {
      at: new Date().toISOString(),
      by: `${userInfo().username}@${hostname()}`,
      ...what,
      result,
      ...(error === undefined ? {} : { error }),
      durationMs: Math.round(performance.now() - startedAt),
    };
    await Promise.allSettled(
      [...session.fleet.hosts.values()].map((host) =>
        appendAudit(host, { ...entry, changes: typeof changes === 'function' ? changes(host.name) : changes }),
      ),
    );
  };
  try {
    const result = await work();
    await write('ok');
    return result;
  } catch (error) {
    const isInterrupt = error instanceof PgscaleError && error.code === 'PGS_INTERRUPTED';
    await write(isInterrupt ? 'interrupted' : 'failed', messageOf(error));
    throw error;
  }
}
