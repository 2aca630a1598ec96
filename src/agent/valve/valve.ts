import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

import { poolerProcesses } from './console.ts';
import { untilPrimaryTakesWrites } from './door.ts';
import { patienceMs, reasonToEnd, type Hold } from './hold.ts';
import { Pooler } from './pooler.ts';
import { steer } from './proxy.ts';
import type { ValveSettings } from './settings.ts';
import { follow } from './standby.ts';
import { messageOf } from '../../errors/message.ts';

const TICK_MS = 50;
const ROUTE_MS = 5000;
/** Enough to meet each of two servers twice. */
const WRITES_IN_A_ROW = 4;

/**
 * Holds the poolers of this host while its primary, or another one, moves. It takes its orders from standard input, one a
 * line, and answers each by a line: `armed 2`, `paused`, `routed`, `resumed`, or `failed WHY`.
 *
 * - `pause`, `resume`: all processes
 * - `leave`: Patroni of this host will be asked to stop its primary, and is to notice at once when it has stopped
 * - `expect`: this host is to have the primary, and must not when another standby has more
 * - `follow OLD NEW`: has the standby of this host stream from another address; no answer
 * - `route OLD NEW`: HAProxy leads to the new primary, and a write by the way of the poolers has come through
 * - anything else: nothing, the command line is still there
 *
 * However it ends, poolers that it holds are resumed.
 */
export class Valve {
  readonly #settings: ValveSettings;
  readonly #say: (text: string) => void;
  #poolers: Pooler[] = [];
  #hold: Hold;

  constructor(settings: ValveSettings, say: (text: string) => void) {
    this.#settings = settings;
    this.#say = say;
    this.#hold = { heldAtMs: undefined, heardAtMs: performance.now(), closedAtMs: undefined, isMoved: false };
  }

  async run(signal: AbortSignal): Promise<void> {
    const { pooler } = this.#settings;
    this.#poolers = await Promise.all(poolerProcesses().map((process) => Pooler.open(process, pooler)));
    const lines = createInterface({ input: process.stdin });
    lines.on('line', (line) => void this.#obey(line.split(' ')));
    lines.on('close', () => this.#note({ closedAtMs: performance.now() }));
    this.#say(`armed ${this.#poolers.length}`);
    while (!signal.aborted && reasonToEnd(this.#hold, performance.now(), this.#settings.timings) === undefined)
      await sleep(TICK_MS);
    lines.close();
    process.stdin.destroy();
    if (!signal.aborted) await this.#untilWritesComeThrough();
    await this.#end();
  }

  async #obey([order = '', from = '', to = '']: readonly string[]): Promise<void> {
    this.#note({ heardAtMs: performance.now() });
    try {
      const answer = await this.#do(order, from, to);
      if (answer !== undefined) this.#say(answer);
    } catch (error) {
      this.#say(`failed ${order}: ${lineOf(error)}`);
    }
  }

  async #do(order: string, from: string, to: string): Promise<string | undefined> {
    switch (order) {
      case 'pause':
        this.#note({ heldAtMs: performance.now() });
        await Promise.all(this.#poolers.map((pooler) => pooler.pause()));
        return 'paused';
      case 'leave':
        leaveMark(this.#settings.moveMark);
        return 'leaving';
      case 'expect':
        leaveMark(this.#settings.candidateMark);
        return 'expecting';
      case 'follow':
        follow(this.#settings.postgres, from, to);
        return undefined;
      case 'route':
        this.#note({ isMoved: true });
        await steer(this.#settings.proxy, from, to).catch(() => undefined);
        if (this.#poolers.length > 0) await untilPrimaryTakesWrites(this.#settings.door, ROUTE_MS);
        return 'routed';
      case 'resume':
        await this.#resume();
        return 'resumed';
      default:
        return undefined;
    }
  }

  async #resume(): Promise<void> {
    await Promise.all(this.#poolers.map((pooler) => pooler.resume()));
    this.#note({ heldAtMs: undefined });
  }

  /** Nobody has led HAProxy to the new primary: who is let go too early meets one that has stopped, or is a standby now. */
  async #untilWritesComeThrough(): Promise<void> {
    const patience = patienceMs(this.#hold, performance.now(), this.#settings.timings);
    if (patience === 0 || this.#poolers.length === 0) return;
    await untilPrimaryTakesWrites(this.#settings.door, patience, WRITES_IN_A_ROW).catch(() => undefined);
  }

  async #end(): Promise<void> {
    rmSync(this.#settings.moveMark, { force: true });
    // Until the primary has moved Patroni may promote this host yet, also when everybody else has given up.
    if (this.#hold.isMoved) rmSync(this.#settings.candidateMark, { force: true });
    if (this.#hold.heldAtMs !== undefined) await this.#resume();
    await Promise.all(this.#poolers.map((pooler) => pooler.close()));
  }

  #note(news: Partial<Hold>): void {
    this.#hold = { ...this.#hold, ...news };
  }
}

function leaveMark(path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, '', { mode: 0o644 });
}

/** Resumes the poolers of this host, whoever has paused them: what systemd runs when a valve has ended, and timers do. */
export async function resumePoolers(settings: ValveSettings): Promise<void> {
  rmSync(settings.moveMark, { force: true });
  const outcomes = await Promise.allSettled(
    poolerProcesses().map(async (process) => {
      const pooler = await Pooler.open(process, settings.pooler);
      await pooler.resume();
      await pooler.close();
    }),
  );
  const failed = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [lineOf(outcome.reason)] : []));
  if (failed.length > 0) throw new Error(failed.join('\n'));
}

/** One line of the answer. */
function lineOf(error: unknown): string {
  return messageOf(error).replaceAll('\n', ' ');
}
