import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import type pg from 'pg';
import * as z from 'zod/mini';

import { openConsole } from './console.ts';
import type { ValveSettings } from './settings.ts';

/** Columns of SHOW POOLS that count here. https://www.pgbouncer.org/usage.html#show-pools */
const poolRow = z.object({ database: z.string(), sv_login: z.coerce.number() });

const LOGIN_WAIT_MS = 1000;
const POLL_MS = 2;

/** One PgBouncer process, with a console for each database, because PAUSE keeps its console until it is done. */
export class Pooler {
  readonly process: number;
  readonly #settings: ValveSettings['pooler'];
  readonly #consoles: ReadonlyMap<string, pg.Client>;
  readonly #main: pg.Client;
  #isHeld = false;

  private constructor(process: number, settings: ValveSettings['pooler'], main: pg.Client, consoles: pg.Client[]) {
    this.process = process;
    this.#settings = settings;
    this.#main = main;
    this.#consoles = new Map(settings.databases.map((name, index) => [name, consoles[index] ?? main]));
  }

  /** @throws Error when the process does not answer */
  static async open(process: number, settings: ValveSettings['pooler']): Promise<Pooler> {
    const address = { ...settings, socketDirectory: join(settings.socketDirectories, String(process)) };
    const [main, ...consoles] = await Promise.all(['main', ...settings.databases].map(() => openConsole(address)));
    if (main === undefined) throw new Error('no console');
    return new Pooler(process, settings, main, consoles);
  }

  /**
   * Returns when no transaction runs any more and new ones wait. PAUSE breaks off a server login that is under way and
   * counts it as failed, and then RESUME turns away every client until the next login is through ("server login has been
   * failing, cached error: pause mode"). So no pool grows from now on, and logins that have begun may end.
   * https://github.com/pgbouncer/pgbouncer/pull/420
   */
  async pause(): Promise<void> {
    this.#isHeld = true;
    await this.#main.query('SET default_pool_size = 1');
    await this.#loginsEnded();
    if (!this.#isHeld) return;
    await Promise.all([...this.#consoles].map(([name, console]) => console.query(`PAUSE ${quoted(name)}`)));
  }

  /** Lets the clients go on; those that were not held are no error. */
  async resume(): Promise<void> {
    this.#isHeld = false;
    await this.#main.query(`SET default_pool_size = ${this.#settings.poolSize}`);
    for (const name of this.#settings.databases) {
      await this.#main.query(`RESUME ${quoted(name)}`).catch((error: unknown) => {
        if (!/is not paused/u.test(String(error))) throw error;
      });
    }
  }

  async close(): Promise<void> {
    await Promise.allSettled([this.#main, ...this.#consoles.values()].map((console) => console.end()));
  }

  async #loginsEnded(): Promise<void> {
    for (const endsAt = performance.now() + LOGIN_WAIT_MS; this.#isHeld && performance.now() < endsAt;) {
      if ((await this.#loginCount()) === 0) return;
      await sleep(POLL_MS);
    }
  }

  async #loginCount(): Promise<number> {
    const { rows } = await this.#main.query('SHOW POOLS');
    const pools = z.array(poolRow).parse(rows);
    return pools
      .filter(({ database }) => this.#settings.databases.includes(database))
      .reduce((sum, { sv_login: count }) => sum + count, 0);
  }
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
