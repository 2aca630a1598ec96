import { archivesOf, withoutArchives } from './archives.ts';
import { tellHolders } from './holders.ts';
import { type Limits, limitsOf } from './limits.ts';
import type { Action, TablePlan } from './plan.ts';
import type { Deed, RotationOptions, RotationTimings } from './rotate.ts';
import { SqlError, type SqlSession } from './sql-session.ts';
import { OLDEST_RUNNING, type Statement, statementsOf } from './statements.ts';
import { yielding } from './yielding.ts';

/** Lock not available, deadlock, statement timeout. https://www.postgresql.org/docs/18/errcodes-appendix.html */
const TRY_AGAIN = ['55P03', '40P01', '57014'];
/** Class 08 is the connection, 57P0x a server that stops. */
const SESSION_LOST = /^(?:08|57P)/u;

/** Not of PostgreSQL: the table could not be archived. */
const NOT_ARCHIVED = 'PGSA1';

type Options = Pick<RotationOptions, 'onDeed' | 'signal' | 'archive' | 'watcher' | 'mayBegin'> & {
  readonly timings: RotationTimings;
};

/** Runs planned actions and remembers, over the rounds of one rotation, what was done and what waits. */
export class RotationRun {
  readonly deeds: Deed[] = [];
  readonly #session: Pick<SqlSession, 'run'>;
  readonly #options: Options;
  readonly #failedTables = new Set<string>();
  readonly #attempts = new Map<string, number>();
  readonly #ended = new Set<string>();
  /** Of what was dumped: the oldest transaction that was under way before. */
  readonly #dumpedAt = new Map<string, string>();
  #waiting: { table: string; action: Action; why: string }[] = [];

  constructor(session: Pick<SqlSession, 'run'>, options: Options) {
    this.#session = session;
    this.#options = options;
  }

  /**
   * Does what is planned, of all tables first what is short, then one table's archive, which may take hours: after it the tables
   * are looked at anew. Gives whether something waits for a lock and may be had later, and whether there is more to archive.
   * @throws SqlError session lost
   */
  async round(plans: readonly TablePlan[]): Promise<{ isWaiting: boolean; isMore: boolean }> {
    this.#waiting = [];
    for (const plan of plans) await this.#rotateTable({ ...plan, actions: withoutArchives(plan.actions) });
    const archives = plans.flatMap((plan) => archivesOf(plan.actions).map((actions) => ({ ...plan, actions })));
    for (const plan of archives) {
      if (!this.#isDue(plan)) continue;
      await this.#rotateTable(plan);
      // A drop that cannot have its lock took a moment only.
      if (!this.#isWaitingIn(plan.table)) break;
    }
    const isMore = this.#options.signal?.aborted !== true && archives.some((plan) => this.#isDue(plan));
    return { isWaiting: this.#waiting.length > 0, isMore };
  }

  /** What was to go before it may still wait, and then it waits, too. */
  #isDue({ table, actions }: TablePlan): boolean {
    const isStuck = this.#failedTables.has(table) || this.#isWaitingIn(table);
    return !isStuck && actions.some((action) => !this.#ended.has(keyOf(action)));
  }

  #isWaitingIn(table: string): boolean {
    return this.#waiting.some((each) => each.table === table);
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
    if (this.#failedTables.has(table)) return;
    for (const action of plan.actions) {
      if (this.#options.signal?.aborted === true) return;
      if (this.#ended.has(keyOf(action))) continue;
      await this.#options.mayBegin?.();
      const startedAt = performance.now();
      this.#attempts.set(keyOf(action), this.#attemptsOf(action) + 1);
      try {
        if (action.kind === 'archive') await this.#archive(action.id);
        for (const statement of statementsOf(plan, this.#withProof(action))) await this.#execute(statement);
      } catch (error) {
        this.#failed(table, action, { error, durationMs: Math.round(performance.now() - startedAt) });
        return;
      }
      this.#note(table, action, { durationMs: Math.round(performance.now() - startedAt) });
    }
  }

  /** A lock may be had later. @throws what was no answer of PostgreSQL, or its last one */
  #failed(table: string, action: Action, { error, durationMs }: { error: unknown; durationMs: number }): void {
    if (!(error instanceof SqlError) || SESSION_LOST.test(error.sqlState)) throw error;
    if (isWorthAnotherTry(error)) {
      this.#waiting.push({ table, action, why: error.message });
      return;
    }
    this.#failedTables.add(table);
    this.#note(table, action, { durationMs, error: error.message });
  }

  async #execute(statement: Statement): Promise<void> {
    const { timings, watcher } = this.#options;
    const work = (): Promise<void> => execute(this.#session, statement, timings);
    if (statement.yields !== true) return work();
    const pid = Number(await this.#session.run('SELECT pg_backend_pid()'));
    return yielding((query) => watcher.run(query), pid, work);
  }

  #withProof(action: Action): Action {
    const unchangedSince = this.#dumpedAt.get(action.id);
    return action.kind === 'drop' && unchangedSince !== undefined ? { ...action, unchangedSince } : action;
  }

  async #archive(id: string): Promise<void> {
    const { archive } = this.#options;
    const before = await this.#session.run(OLDEST_RUNNING);
    try {
      if (archive === undefined) throw new Error('there is no object store: the spec has no `backup`');
      await archive(id);
      this.#dumpedAt.set(id, before);
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

/** A lock that could not be had in time. */
export function isWorthAnotherTry({ sqlState }: SqlError): boolean {
  return TRY_AGAIN.includes(sqlState);
}

/** One transaction, under its own time limits. @throws SqlError */
export async function execute(session: Pick<SqlSession, 'run'>, statement: Statement, limits: Limits): Promise<void> {
  const { commands } = statement;
  await session.run(limitsOf(statement, limits));
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
  const which = action.kind === 'index' ? JSON.stringify(action.index) : action.kind === 'reference' ? action.name : '';
  return `${kind} ${id} ${which}`;
}
