import { tellHolders } from './holders.ts';
import type { Action, TablePlan } from './plan.ts';
import type { Deed, RotationOptions, RotationTimings } from './rotate.ts';
import { SqlError, type SqlSession } from './sql-session.ts';
import { type Statement, statementsOf } from './statements.ts';

/** Lock not available, deadlock, statement timeout. https://www.postgresql.org/docs/18/errcodes-appendix.html */
export const TRY_AGAIN = ['55P03', '40P01', '57014'];
/** Class 08 is the connection, 57P0x a server that stops. */
const SESSION_LOST = /^(?:08|57P)/u;

/** Not of PostgreSQL: the table could not be archived. */
const NOT_ARCHIVED = 'PGSA1';

type Options = Pick<RotationOptions, 'onDeed' | 'signal' | 'archive'> & { readonly timings: RotationTimings };

/** Runs planned actions and remembers, over the rounds of one rotation, what was done and what waits. */
export class RotationRun {
  readonly deeds: Deed[] = [];
  readonly #session: SqlSession;
  readonly #options: Options;
  readonly #failedTables = new Set<string>();
  readonly #attempts = new Map<string, number>();
  readonly #ended = new Set<string>();
  #waiting: { table: string; action: Action; why: string }[] = [];

  constructor(session: SqlSession, options: Options) {
    this.#session = session;
    this.#options = options;
  }

  /** Does what is planned. Gives whether something waits for a lock and may be had later. @throws SqlError session lost */
  async round(plans: readonly TablePlan[]): Promise<boolean> {
    this.#waiting = [];
    for (const plan of plans) {
      if (!this.#failedTables.has(plan.table)) await this.#rotateTable(plan);
    }
    return this.#waiting.length > 0;
  }

  /** Nobody waits any longer: what could not be had is noted, with who kept it. @throws SqlError session lost */
  async giveUp(): Promise<void> {
    for (const { table, action, why } of this.#waiting) {
      const holders = await tellHolders((query) => this.#session.run(query), [table, action.id]);
      this.#note(table, action, { durationMs: 0, error: `${why}${holders}` });
    }
  }

  /** The actions of a table build on each other: the first that does not succeed ends the round for it. */
  async #rotateTable(plan: TablePlan): Promise<void> {
    const { table } = plan;
    for (const action of plan.actions) {
      if (this.#options.signal?.aborted === true) return;
      if (this.#ended.has(keyOf(action))) continue;
      const startedAt = performance.now();
      this.#attempts.set(keyOf(action), this.#attemptsOf(action) + 1);
      try {
        if (action.kind === 'archive') await this.#archive(action.id);
        for (const statement of statementsOf(plan, action))
          await execute(this.#session, statement, this.#options.timings);
      } catch (error) {
        if (!(error instanceof SqlError) || SESSION_LOST.test(error.sqlState)) throw error;
        if (TRY_AGAIN.includes(error.sqlState)) this.#waiting.push({ table, action, why: error.message });
        else {
          this.#failedTables.add(table);
          this.#note(table, action, { durationMs: Math.round(performance.now() - startedAt), error: error.message });
        }
        return;
      }
      this.#note(table, action, { durationMs: Math.round(performance.now() - startedAt) });
    }
  }

  async #archive(id: string): Promise<void> {
    const { archive } = this.#options;
    try {
      if (archive === undefined) throw new Error('there is no object store: the spec has no `backup`');
      await archive(id);
    } catch (error) {
      if (error instanceof SqlError) throw error;
      throw new SqlError(NOT_ARCHIVED, error instanceof Error ? error.message : String(error));
    }
  }

  #note(table: string, action: Action, outcome: Pick<Deed, 'durationMs' | 'error'>): void {
    this.#ended.add(keyOf(action));
    const { kind, id } = action;
    const deed = { table, kind, id, attempts: this.#attemptsOf(action), ...outcome };
    this.deeds.push(deed);
    this.#options.onDeed?.(deed);
  }

  #attemptsOf(action: Action): number {
    return this.#attempts.get(keyOf(action)) ?? 0;
  }
}

/** One transaction, under its own time limits. @throws SqlError */
export async function execute(
  session: SqlSession,
  { commands, waits }: Statement,
  { lockTimeoutMs, waitTimeoutMs }: Pick<RotationTimings, 'lockTimeoutMs' | 'waitTimeoutMs'>,
): Promise<void> {
  const limit = waits ? 0 : lockTimeoutMs;
  await session.run(`SET lock_timeout = ${limit}; SET statement_timeout = ${waitTimeoutMs}`);
  const [only, ...more] = commands;
  if (only !== undefined && more.length === 0) {
    await session.run(only);
    return;
  }
  await session.run('BEGIN');
  try {
    for (const command of commands) await session.run(command);
    await session.run('COMMIT');
  } catch (error) {
    await session.run('ROLLBACK');
    throw error;
  }
}

function keyOf(action: Action): string {
  const { kind, id } = action;
  return `${kind} ${id} ${kind === 'index' ? JSON.stringify(action.index) : ''}`;
}
