import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import type { Observation } from './decide.ts';
import { processState } from '../postgres-processes.ts';

const run = promisify(execFile);
const COMMAND_MS = 20_000;
const SHORTEST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 2000;

/** Patroni's systemd unit: systemd is asked who runs only when the process that was there is gone. */
export class PatroniUnit {
  readonly #unit: string;
  readonly #steadyMs: number;
  #main: { pid: number; startedAt: string } | undefined;
  #steadyAtMs = Infinity;
  #goneSinceMs: number | undefined;
  #askedAtMs = -Infinity;
  #isAsking = false;
  #hasFailed = false;

  /** @param steadyMs runs for so long that its earlier ends are forgotten */
  constructor(unit: string, steadyMs: number) {
    this.#unit = unit;
    this.#steadyMs = steadyMs;
  }

  read(nowMs: number): Observation['patroni'] {
    const state = this.#main === undefined ? undefined : processState(this.#main.pid);
    if (state !== undefined && state.startedAt === this.#main?.startedAt) {
      this.#goneSinceMs = undefined;
      this.#forgetWhenSteady(nowMs);
      return state.letter === 'T' || state.letter === 't' ? 'frozen' : 'running';
    }
    this.#main = undefined;
    if (this.#goneSinceMs === undefined) this.#hasFailed = false;
    this.#goneSinceMs ??= nowMs;
    // A member that was stopped on purpose is asked for less and less often.
    const pauseMs = Math.min(Math.max((nowMs - this.#goneSinceMs) / 10, SHORTEST_PAUSE_MS), LONGEST_PAUSE_MS);
    if (!this.#isAsking && nowMs - this.#askedAtMs >= pauseMs) void this.#ask(nowMs);
    return this.#hasFailed ? 'failed' : 'gone';
  }

  /** Ends all that runs in the unit at once, and keeps systemd from starting it again. */
  async end(): Promise<void> {
    await this.#systemctl('kill', '--signal=KILL').catch(() => undefined);
    await this.#systemctl('stop');
  }

  /** Ends Patroni alone; PostgreSQL goes on, and systemd starts Patroni again. */
  async kill(): Promise<void> {
    await this.#systemctl('kill', '--kill-whom=main', '--signal=KILL');
  }

  async start(): Promise<void> {
    await this.#systemctl('start', '--no-block');
    this.#askedAtMs = -Infinity;
  }

  async #ask(nowMs: number): Promise<void> {
    this.#isAsking = true;
    this.#askedAtMs = nowMs;
    try {
      const { stdout } = await this.#systemctl('show', '--property=MainPID', '--property=ActiveState');
      const pid = Number(/^MainPID=(\d+)$/mu.exec(stdout)?.[1] ?? 0);
      this.#hasFailed = /^ActiveState=failed$/mu.test(stdout);
      const state = pid > 0 ? processState(pid) : undefined;
      if (state === undefined) return;
      this.#main = { pid, startedAt: state.startedAt };
      this.#steadyAtMs = nowMs + this.#steadyMs;
    } catch {
      // systemd did not answer in time; it is asked again
    } finally {
      this.#isAsking = false;
    }
  }

  /**
   * systemd waits longer before each restart and counts them for as long as the unit is up: the seventh end, months after the
   * sixth, would cost a failover (https://github.com/systemd/systemd/issues/43813).
   */
  #forgetWhenSteady(nowMs: number): void {
    if (nowMs < this.#steadyAtMs) return;
    this.#steadyAtMs = Infinity;
    void this.#systemctl('reset-failed').catch(() => undefined);
  }

  #systemctl(...args: string[]): Promise<{ stdout: string }> {
    return run('systemctl', [...args, this.#unit], { timeout: COMMAND_MS });
  }
}
