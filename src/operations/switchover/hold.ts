import { refuseLostLock } from '../../run/held-lock.ts';
import { connectedDatabaseHosts, type ClusterSession } from '../cluster-session.ts';
import { checkpoint, pausePoolers, resumePoolers, routePoolers } from './move.ts';
import { Valve } from './valve.ts';

/** For whose sake the poolers are held. */
export interface Hold {
  readonly session: ClusterSession;
  readonly primary: string;
  readonly pauseTimeoutMs: number;
}

/** Added to the deadline of the work: a checkpoint, and the poolers. */
export const HOLD_DEADLINE_MS = 12 * 60_000;

/**
 * Does something to the primary while the clients of the pool endpoint wait. They go on whatever happens.
 * @throws PgscaleError PGS_POOLER when running transactions did not end in time, PGS_LOCK_LOST; nothing was done then
 */
export async function holdPoolers(
  { session, primary, pauseTimeoutMs }: Hold,
  work: () => Promise<void>,
): Promise<void> {
  // So that the one of the shutdown, which clients wait for, is short.
  await checkpoint({ session, from: primary });
  // It may have taken minutes.
  await refuseLostLock();
  const hosts = connectedDatabaseHosts(session);
  const valves: Valve[] = [];
  try {
    await Promise.all(hosts.map(async (host) => valves.push(await Valve.arm(host))));
    await pausePoolers({ valves, pauseTimeoutMs });
    await work();
    await routePoolers(valves, 'nobody', primary);
    await resumePoolers(valves);
  } finally {
    await Promise.all(valves.map((valve) => valve[Symbol.asyncDispose]()));
  }
}
