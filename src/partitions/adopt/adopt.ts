import { setTimeout as sleep } from 'node:timers/promises';

import { tellHolders } from '../holders.ts';
import { type Ask, CHANGER_SETTINGS, NO_LIMITS } from '../look.ts';
import { type Problem } from '../plan.ts';
import type { RangePolicy } from '../policy.ts';
import { pauseMs, RotationBusy, RotationOnStandby } from '../rotate.ts';
import { execute, isWorthAnotherTry } from '../rotation-run.ts';
import { SqlError, type SqlSession } from '../sql-session.ts';
import { quoteLiteral, type Statement } from '../statements.ts';
import { type AdoptLook, lookAtPlain } from './look.ts';
import { type AdoptAction, planAdoption } from './plan.ts';
import { adoptStatements, revertStatements } from './statements.ts';

/** How patient an adoption is. */
export interface AdoptTimings {
  /** A statement behind which others have to wait gives up after this, and is tried again. */
  readonly lockTimeoutMs: number;
  /** And may not take longer than this, waiting included: so long nobody waits. */
  readonly briefMs: number;
  /** For those that take long, and that nobody waits behind. */
  readonly longMs: number;
  /** What could not be had by then is left to the next `adopt`. */
  readonly giveUpAfterMs: number;
}

export const ADOPT_TIMINGS: AdoptTimings = {
  lockTimeoutMs: 60,
  briefMs: 150,
  longMs: 86_400_000,
  giveUpAfterMs: 180_000,
};

/** One step that was done. */
export interface AdoptStep {
  readonly kind: AdoptAction['kind'] | 'revert';
  readonly durationMs: number;
  readonly attempts: number;
}

export interface AdoptOptions {
  readonly policy: RangePolicy;
  readonly widenUnique: boolean;
  readonly onStep?: (step: AdoptStep) => void;
  readonly timings?: AdoptTimings;
  /** Asked before every try of a step; what it throws ends the adoption there. */
  readonly mayBegin?: () => Promise<void>;
  readonly signal?: AbortSignal;
}

/** The table may not be adopted, or there is nothing to revert. */
export class AdoptRefused extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(({ text }) => text).join('\n'));
    this.name = 'AdoptRefused';
    this.problems = problems;
  }
}

/**
 * Makes a plain table the first partition of a partitioned one with its name, while it is in use. Every step is told from
 * the catalog: cut off anywhere, the next call goes on. Resolves with whether it was done; false when it was told to stop.
 *
 * @throws AdoptRefused, RotationBusy, RotationOnStandby, SqlError
 */
export async function adopt(session: SqlSession, options: AdoptOptions): Promise<boolean> {
  await begin(session, options.policy);
  const read = (): Promise<AdoptLook> => lookAtPlain(askerOf(session, options), options.policy, options);
  for (;;) {
    const { found, target, problems } = await read();
    if (found?.kind === 'p') return true;
    const errors = problems.filter(({ severity }) => severity === 'error');
    if (target === undefined || errors.length > 0)
      throw new AdoptRefused(found === undefined ? missing(options) : errors);
    if (options.signal?.aborted === true) return false;
    for (const action of nextOf(planAdoption(target))) {
      // A lock may be had long after the look: what is made of it is made anew for every try.
      await step(session, options, action.kind, async () => adoptStatements((await read()).target ?? target, action));
    }
  }
}

/** One at a time, but for the last two: the parent has to be as the table is at the swap. */
function nextOf(actions: readonly AdoptAction[]): readonly AdoptAction[] {
  return actions[0]?.kind === 'parent' ? actions : actions.slice(0, 1);
}

/** Takes back what an adoption has done before its swap. @throws AdoptRefused when the table is partitioned by now */
export async function revertAdoption(session: SqlSession, options: AdoptOptions): Promise<boolean> {
  await begin(session, options.policy);
  const { found } = await lookAtPlain(askerOf(session, options), options.policy, options);
  if (found === undefined) throw new AdoptRefused(missing(options));
  if (found.kind === 'p') {
    throw new AdoptRefused([
      { id: 'partitioned', severity: 'error', text: `${found.id} is partitioned: there is no way back` },
    ]);
  }
  const statements = revertStatements(found);
  for (const statement of statements) await step(session, options, 'revert', () => Promise.resolve([statement]));
  return statements.length > 0;
}

function missing({ policy }: AdoptOptions): Problem[] {
  return [{ id: 'missing', severity: 'error', text: `there is no table ${policy.table}` }];
}

/**
 * Looks have their own time, not that of the statement before: without an index on the key the whole table is read, which
 * nobody waits for.
 */
function askerOf(session: SqlSession, { timings = ADOPT_TIMINGS }: Pick<AdoptOptions, 'timings'>): Ask {
  return (query) => session.run(`SET statement_timeout = ${timings.longMs}; ${query}`);
}

/** An adoption at a time of each table. The lock is the session's; rotations of other tables go on meanwhile. */
async function begin(session: SqlSession, { table }: RangePolicy): Promise<void> {
  await session.run(CHANGER_SETTINGS);
  await session.run(NO_LIMITS);
  if ((await session.run('SELECT pg_is_in_recovery()')) !== 'f') throw new RotationOnStandby();
  const lock = `SELECT pg_try_advisory_lock(hashtext('pgscale adopt'), hashtext(${quoteLiteral(table)}))`;
  if ((await session.run(lock)) !== 't') throw new RotationBusy('another adoption of this table is at work');
}

/** @throws SqlError when it fails, or could not be had in time */
async function step(
  session: SqlSession,
  options: AdoptOptions,
  kind: AdoptStep['kind'],
  statements: () => Promise<readonly Statement[]>,
): Promise<void> {
  const { timings = ADOPT_TIMINGS } = options;
  const startedAt = performance.now();
  for (let attempts = 1; ; attempts++) {
    try {
      await attempt(session, options, statements);
      options.onStep?.({ kind, attempts, durationMs: Math.round(performance.now() - startedAt) });
      return;
    } catch (error) {
      const isLate = performance.now() - startedAt >= timings.giveUpAfterMs || options.signal?.aborted === true;
      if (!(error instanceof SqlError) || !isWorthAnotherTry(error)) throw error;
      if (isLate) {
        const holders = await tellHolders(askerOf(session, options), [options.policy.table]);
        throw new SqlError(error.sqlState, `${kind}, ${attempts} attempts: ${error.message}${holders}`);
      }
    }
    await sleep(pauseMs(attempts));
  }
}

async function attempt(
  session: SqlSession,
  { timings = ADOPT_TIMINGS, mayBegin }: AdoptOptions,
  statements: () => Promise<readonly Statement[]>,
): Promise<void> {
  await mayBegin?.();
  const { lockTimeoutMs, longMs, briefMs } = timings;
  for (const statement of await statements()) {
    await execute(session, statement, { lockTimeoutMs, waitTimeoutMs: statement.waits ? longMs : briefMs });
  }
}
