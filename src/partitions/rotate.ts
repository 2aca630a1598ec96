import { setTimeout as sleep } from 'node:timers/promises';

import type { Limits } from './limits.ts';
import { CHANGER_SETTINGS, look, NO_LIMITS } from './look.ts';
import { planTables } from './plan-table.ts';
import type { Action, TablePlan } from './plan.ts';
import type { Policy } from './policy.ts';
import { isWorthAnotherTry, RotationRun } from './rotation-run.ts';
import { SqlError, type SqlSession } from './sql-session.ts';

/** How patient a rotation is. */
export interface RotationTimings extends Limits {
  /** For another rotation of the database to end; one by hand starts the timer's, to have its outcome refreshed. */
  readonly busyForMs: number;
  /** What could not be had by then is left to the next rotation. */
  readonly giveUpAfterMs: number;
}

export const ROTATION_TIMINGS: RotationTimings = {
  busyForMs: 20_000,
  lockTimeoutMs: 80,
  waitTimeoutMs: 600_000,
  giveUpAfterMs: 180_000,
};

/** One action that was done, or that could not be. */
export interface Deed {
  readonly table: string;
  readonly kind: Action['kind'];
  readonly id: string;
  readonly durationMs: number;
  /** How often it was tried. */
  readonly attempts: number;
  readonly error?: string;
}

export interface Rotation {
  readonly deeds: readonly Deed[];
  /** How the tables are afterwards: what stands in the way, and what is still to do. */
  readonly plans: readonly TablePlan[];
}

export interface RotationOptions {
  readonly policies: readonly Policy[];
  /** Another session of the database: it sees to it that nobody waits behind what waits. */
  readonly watcher: Pick<SqlSession, 'run'>;
  /** What is to be done of the plans, read anew in every round; default: all of them. */
  readonly choose?: (plans: readonly TablePlan[]) => readonly TablePlan[];
  readonly onDeed?: (deed: Deed) => void;
  readonly timings?: RotationTimings;
  /** Dumps a detached table into the object store, and proves it. @throws Error: nothing is dropped then */
  readonly archive?: (id: string) => Promise<void>;
  /** Asked before everything that is done; what it throws ends the rotation there. */
  readonly mayBegin?: () => Promise<void>;
  readonly signal?: AbortSignal;
}

/** Two rotations of a database never meet. */
export const TRY_LOCK = `SELECT pg_try_advisory_lock(hashtext('pgscale'), hashtext('partitions'))`;
const LOOK_LOCK_MS = 2000;
const SHORTEST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2000;

/** Somebody else rotates in this database. */
export class RotationBusy extends Error {
  constructor(what = 'another rotation is at work in this database') {
    super(what);
  }
}

/** The database takes no writes: it is a standby. */
export class RotationOnStandby extends Error {
  constructor() {
    super('this member is a standby');
  }
}

/**
 * Brings the tables to what their policies say: plans, runs the statements, one transaction each, and plans again where
 * a lock could not be had in time, so that a detach that was interrupted is finalized. What is done is done; cut off
 * anywhere, the next rotation goes on.
 *
 * @throws RotationBusy, RotationOnStandby; SqlError when the session is lost
 */
export async function rotate(session: SqlSession, options: RotationOptions): Promise<Rotation> {
  const { timings = ROTATION_TIMINGS, choose = all, policies } = options;
  await begin(session, timings);
  await options.watcher.run(NO_LIMITS);
  const read = async (): Promise<TablePlan[]> => {
    // Sizes take ACCESS SHARE on each partition: behind a VACUUM FULL of one of them all tables would wait.
    await session.run(`SET lock_timeout = ${LOOK_LOCK_MS}; SET statement_timeout = ${timings.waitTimeoutMs}`);
    return planTables(policies, await look((query) => session.run(query), policies));
  };
  const run = new RotationRun(session, { ...options, timings });
  const endsAt = performance.now() + timings.giveUpAfterMs;
  const isOver = (): boolean => performance.now() >= endsAt || options.signal?.aborted === true;
  for (let round = 0; ; round++) {
    const plans = await read().catch((error: unknown) => {
      if (!(error instanceof SqlError) || !isWorthAnotherTry(error) || isOver()) throw error;
    });
    const { isWaiting, isMore } =
      plans === undefined ? { isWaiting: true, isMore: false } : await run.round(choose(plans));
    if (isMore) continue;
    if (!isWaiting) break;
    if (isOver()) {
      await run.giveUp();
      break;
    }
    await sleep(pauseMs(round));
  }
  return { deeds: run.deeds, plans: await read() };
}

function all(plans: readonly TablePlan[]): readonly TablePlan[] {
  return plans;
}

/** The lock is the session's: it goes with it, whatever becomes of us. */
async function begin(session: SqlSession, { busyForMs }: RotationTimings): Promise<void> {
  await session.run(CHANGER_SETTINGS);
  await session.run(NO_LIMITS);
  if ((await session.run('SELECT pg_is_in_recovery()')) !== 'f') throw new RotationOnStandby();
  const endsAt = performance.now() + busyForMs;
  while ((await session.run(TRY_LOCK)) !== 't') {
    if (performance.now() >= endsAt) throw new RotationBusy();
    await sleep(SHORTEST_PAUSE_MS);
  }
}

/** Longer from round to round, and never the same for two that wait for each other. */
export function pauseMs(round: number): number {
  const longest = Math.min(LONGEST_PAUSE_MS, SHORTEST_PAUSE_MS * 2 ** Math.min(round, 10));
  return longest / 2 + (Math.random() * longest) / 2;
}
