import { connectedDatabaseHosts, type ClusterSession } from '../cluster-session.ts';
import { pausePoolers, resumePoolers, routePoolers } from './move.ts';
import { Valve } from './valve.ts';

/** For whose sake the poolers are held. */
export interface Hold {
  readonly session: ClusterSession;
  readonly primary: string;
  readonly pauseTimeoutMs: number;
}

/**
 * Does something to the primary while the clients of the pool endpoint wait. They go on whatever happens.
 * @throws PgscaleError PGS_POOLER when running transactions did not end in time; nothing was done then
 */
export async function holdPoolers(
  { session, primary, pauseTimeoutMs }: Hold,
  work: () => Promise<void>,
): Promise<void> {
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
