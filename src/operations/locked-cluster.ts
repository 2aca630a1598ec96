import { takeClusterLock } from './apply/index.ts';
import { openCluster, type ClusterSession, type SessionOptions } from './cluster-session.ts';

export interface LockOptions extends SessionOptions {
  /** What the lock says it is held for. */
  command: string;
  lockWaitMs: number;
}

/** Does the work with a session and the lock of the cluster. @throws PgscaleError PGS_LOCKED, and what the work throws */
export async function withLockedCluster<T>(
  options: LockOptions,
  work: (session: ClusterSession) => Promise<T>,
): Promise<T> {
  await using session = await openCluster(options);
  await using _lock = await takeClusterLock(session, options.command, { forMs: options.lockWaitMs });
  return await work(session);
}
