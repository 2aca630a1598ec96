import { setTimeout as sleep } from 'node:timers/promises';

import { SqlError } from '../../partitions/sql-session.ts';
import { type LocalSession, localSession } from '../local-psql.ts';
import { type Deed, decide, LOOK, look, type Look } from './decide.ts';
import type { SlotSettings } from './settings.ts';

const TICK_MS = 500;
/** PostgreSQL is away, or is just starting. */
const AWAY_MS = 1000;
/** So long after a change consumers and standbys find each other again, and every snapshot in the WAL helps them. */
const SETTLING_MS = 120_000;
/** PostgreSQL writes one every 15 s by itself, and a copy of a slot can be used only when its consumer has passed one. */
const SNAPSHOT_MS = 2000;

/** Keeps the slots for change data capture usable when roles change, by what `decide` says. */
export class SlotKeeper {
  readonly #settings: SlotSettings;
  readonly #log: (text: string) => void;
  #connection: LocalSession | undefined;
  #problem: string | undefined;
  #changedAtMs = performance.now();
  #snapshotAtMs = 0;
  #wasStandby: boolean | undefined;

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
    if (deeds.length > 0 || seen.isStandby !== this.#wasStandby) this.#changedAtMs = performance.now();
    this.#wasStandby = seen.isStandby;
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

  async #helpCopies({ isStandby, slots }: Look): Promise<void> {
    const nowMs = performance.now();
    const isDue = nowMs - this.#changedAtMs < SETTLING_MS && nowMs - this.#snapshotAtMs >= SNAPSHOT_MS;
    if (isStandby || !isDue || !slots.some((each) => each.isFailover)) return;
    this.#snapshotAtMs = nowMs;
    await this.#sql('select pg_log_standby_snapshot()');
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
    const problem = error instanceof Error ? error.message : String(error);
    if (problem !== this.#problem) this.#log(problem);
    this.#problem = problem;
    return false;
  }
}
