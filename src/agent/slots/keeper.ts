import { setTimeout as sleep } from 'node:timers/promises';

import { SqlError } from '../../partitions/sql-session.ts';
import { type LocalSession, localSession } from '../local-psql.ts';
import { type Deed, decide, LOOK, look, type Look } from './decide.ts';
import type { SlotSettings } from './settings.ts';
import { messageOf } from '../../errors/message.ts';

const TICK_MS = 500;
/** PostgreSQL is away, or is just starting. */
const AWAY_MS = 1000;
/** So long after a change consumers and standbys find each other again, and are helped to it. */
const SETTLING_MS = 120_000;
/** PostgreSQL writes a snapshot every 15 s by itself, and looks after its copies ever more seldom while nothing comes of it. */
const HELP_MS = 1000;

/** Keeps the slots for change data capture usable when roles change, by what `decide` says. */
export class SlotKeeper {
  readonly #settings: SlotSettings;
  readonly #log: (text: string) => void;
  #connection: LocalSession | undefined;
  #problem: string | undefined;
  #changedAtMs = performance.now();
  #helpedAtMs = 0;
  /** The role, and the copies that are being made. */
  #before = '';

  constructor(settings: SlotSettings, log: (text: string) => void) {
    this.#settings = settings;
    this.#log = log;
  }

  async run(signal: AbortSignal): Promise<void> {
    this.#log(`looks after the slots for ${this.#settings.standbys.map(({ member }) => member).join(', ')}`);
    while (!signal.aborted) {
      const isThere = await this.#tick().then(
        () => this.#solved(),
        (error: unknown) => this.#failed(error),
      );
      await sleep(isThere ? TICK_MS : AWAY_MS);
    }
    await this.#connection?.close();
  }

  async #tick(): Promise<void> {
    const seen = look.parse(JSON.parse(await this.#sql(LOOK)));
    const deeds = decide(seen, this.#settings.standbys);
    const now = situation(seen);
    if (deeds.length > 0 || now !== this.#before) this.#changedAtMs = performance.now();
    this.#before = now;
    for (const deed of deeds) await this.#do(deed);
    await this.#helpCopies(seen);
  }

  async #do(deed: Deed): Promise<void> {
    switch (deed.kind) {
      case 'list': {
        const value = deed.slots.map((name) => `"${name}"`).join(', ');
        this.#log(`consumers wait for ${deed.slots.join(', ') || 'no standby: none streams'}`);
        await this.#sql(`alter system set synchronized_standby_slots = '${value}'`);
        await this.#sql('select pg_reload_conf()');
        return;
      }
      case 'drop':
        this.#log(`${deed.slot} is left from when this was the primary: it makes room for a copy`);
        await this.#sql(`select pg_drop_replication_slot('${deed.slot}')`);
        return;
      case 'copy':
        // The worker that does it tries again after ten seconds only. When it is at work just now, it is none of ours.
        await this.#sql('select pg_sync_replication_slots()').catch((error: unknown) => {
          if (!(error instanceof SqlError) || error.sqlState === '08006') throw error;
        });
    }
  }

  /** A copy can be used when its consumer has passed a snapshot, and the process that makes it has looked again after that. */
  async #helpCopies({ isStandby, slots, copier }: Look): Promise<void> {
    const nowMs = performance.now();
    if (nowMs - this.#changedAtMs >= SETTLING_MS || nowMs - this.#helpedAtMs < HELP_MS) return;
    this.#helpedAtMs = nowMs;
    if (isStandby) {
      if (copier !== null && slots.some((each) => each.isLogical && each.isTemporary)) wake(copier);
    } else if (slots.some((each) => each.isFailover)) {
      await this.#sql('select pg_log_standby_snapshot()');
    }
  }

  /** A session that is lost is begun anew with the next statement. */
  async #sql(statement: string): Promise<string> {
    this.#connection ??= localSession(this.#settings.psql, 'postgres', 'pgscale slots');
    try {
      return await this.#connection.session.run(statement);
    } catch (error) {
      if (error instanceof SqlError && error.sqlState === '08006') this.#connection = undefined;
      throw error;
    }
  }

  #solved(): boolean {
    if (this.#problem !== undefined) this.#log('all is well again');
    this.#problem = undefined;
    return true;
  }

  #failed(error: unknown): boolean {
    const problem = messageOf(error);
    if (problem !== this.#problem) this.#log(problem);
    this.#problem = problem;
    return false;
  }
}

function situation({ isStandby, slots }: Look): string {
  const unfinished = slots.filter((each) => each.isLogical && each.isTemporary).map(({ name }) => name);
  return [String(isStandby), ...unfinished].join();
}

/** It has it read its settings again, and look at once. */
function wake(pid: number): void {
  try {
    process.kill(pid, 'SIGHUP');
  } catch {
    // it has ended, and is started again
  }
}
