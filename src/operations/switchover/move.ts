import { setTimeout as sleep } from 'node:timers/promises';

import { isRefusal, prepareSend, type PreparedRequest } from '../../components/patroni/client.ts';
import { messageOf } from '../../errors/message.ts';
import { PgscaleError, throwRejected } from '../../errors/pgscale-error.ts';
import { runSql } from '../../sql/psql.ts';
import { WAIT_FOR_PROMOTION } from '../../sql/switchover.ts';
import type { ClusterSession } from '../cluster-session.ts';
import type { Valve } from './valve.ts';

/** From whom to whom, with the poolers in hand. */
export interface Move {
  readonly session: ClusterSession;
  readonly from: string;
  readonly to: string;
  readonly valves: readonly Valve[];
  /** Stands ready on the primary since the preparation. */
  readonly request: () => PreparedRequest;
  /** How long PAUSE may wait for running transactions. */
  readonly pauseTimeoutMs: number;
}

/** How long a stop of PostgreSQL and a promotion may take together; usually less than a second. */
export const MOVE_DEADLINE_MS = 18_000;

/** Writes what is dirty now, so that the checkpoint of the shutdown, which clients wait for, is short. */
export async function checkpoint({ session, from }: Pick<Move, 'session' | 'from'>): Promise<void> {
  const database = { port: session.spec.postgres.port, name: 'postgres' };
  await runSql(session.host(from), database, 'checkpoint;', 10 * 60_000);
}

/** Holds all poolers at once; new transactions wait from now on. @throws PgscaleError PGS_POOLER */
export async function pausePoolers({ valves, pauseTimeoutMs }: Pick<Move, 'valves' | 'pauseTimeoutMs'>): Promise<void> {
  await Promise.all(valves.map((valve) => valve.pause(pauseTimeoutMs)));
}

/**
 * Has Patroni move the primary, and returns when the new one is promoted.
 * @throws PgscaleError PGS_SWITCHOVER_FAILED when Patroni refuses, or nothing has happened by the deadline
 */
export async function movePrimary(move: Move): Promise<void> {
  const { session, to } = move;
  const database = { port: session.spec.postgres.port, name: 'postgres' };
  const promoted = runSql(session.host(to), database, WAIT_FOR_PROMOTION, 70_000).then(
    () => true,
    (error: unknown) => Promise.reject(candidateGone(to, error)),
  );
  promoted.catch(() => undefined);
  const isPromoted = await Promise.race([promoted, refusal(move), sleep(MOVE_DEADLINE_MS, false, { ref: false })]);
  if (isPromoted) {
    redirectStandbys(move);
    return;
  }
  throw new PgscaleError('PGS_SWITCHOVER_FAILED', {
    what: `${to} was not promoted within ${MOVE_DEADLINE_MS / 1000} s`,
    host: to,
  });
}

function candidateGone(to: string, error: unknown): PgscaleError {
  return new PgscaleError('PGS_SWITCHOVER_FAILED', {
    what: `PostgreSQL of ${to} went away before it was promoted`,
    host: to,
    why: messageOf(error),
    cause: error,
  });
}

/**
 * Has the other standbys follow at once, which their Patroni does a second or two later: until one of them streams, a
 * synchronous cluster acknowledges nothing.
 */
function redirectStandbys({ session, from, to, valves }: Move): void {
  const address = (name: string): string => session.spec.hosts.find((host) => host.name === name)?.address ?? '';
  for (const valve of valves) {
    if (valve.host !== from && valve.host !== to) valve.follow(address(from), address(to));
  }
}

/**
 * Leads the poolers of every host to the new primary, and returns when a write came through on each of them.
 * @throws PgscaleError PGS_POOLER
 */
export async function routePoolers(valves: readonly Valve[], from: string, to: string): Promise<void> {
  throwRejected(await Promise.allSettled(valves.map((valve) => valve.route(from, to))));
}

/** Lets the clients go on, everywhere at once. */
export async function resumePoolers(valves: readonly Valve[]): Promise<void> {
  await Promise.all(valves.map((valve) => valve.resume()));
}

/** Prepares the request to Patroni on the primary. */
export async function prepareRequest({
  session,
  from,
  to,
}: Pick<Move, 'session' | 'from' | 'to'>): Promise<PreparedRequest> {
  const { spec, secrets } = session;
  const host = spec.hosts.find(({ name }) => name === from);
  if (host === undefined) throw new Error(`${from} is not in the spec`);
  const request = { method: 'POST', path: '/switchover', body: { leader: from, candidate: to }, seconds: 60 } as const;
  return prepareSend(session.host(from), { spec, secrets, host }, request);
}

/**
 * Sends the request and ends only by a refusal. Patroni answers when it is through, and 503 "status unknown" when that took
 * long: it may go on all the same, so neither answer counts. https://github.com/patroni/patroni/issues/743
 */
async function refusal(move: Move): Promise<never> {
  await move
    .request()
    .go()
    .catch((error: unknown) => {
      if (isRefusal(error)) throw error;
    });
  return new Promise<never>(() => undefined);
}
