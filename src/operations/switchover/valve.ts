import { setTimeout as sleep } from 'node:timers/promises';

import { valveCommand } from '../../components/pgbouncer/valve.ts';
import { PgscaleError } from '../../errors/pgscale-error.ts';
import type { Host, Session } from '../../host/host.ts';
import type { Spec } from '../../spec/schema.ts';

const HEARTBEAT_MS = 1000;
const POLL_MS = 5;
const ARM_DEADLINE_MS = 15_000;

type Word = 'ready' | 'paused' | 'resumed' | 'steered';

/**
 * Holds all PgBouncer processes of one host and steers its HAProxy. It lives on the host: when we are killed or lose the
 * network it resumes the poolers by itself within ten seconds. Disposing of it resumes them at once.
 */
export class Valve implements AsyncDisposable {
  readonly host: string;
  /** How many pooler processes it holds. */
  #processCount = 0;
  #heard = '';
  #session: Session | undefined;
  #heartbeat: NodeJS.Timeout | undefined;
  #isEnded = false;

  private constructor(host: string) {
    this.host = host;
  }

  /** Arms the valve of a host; nothing is paused yet. @throws PgscaleError PGS_POOLER when a process does not answer */
  static async arm(host: Host, spec: Spec): Promise<Valve> {
    const valve = new Valve(host.name);
    valve.#session = await host.session(valveCommand(spec), (text) => (valve.#heard += text));
    void valve.#session.ended.then(() => (valve.#isEnded = true));
    valve.#heartbeat = setInterval(() => valve.#say('.'), HEARTBEAT_MS);
    try {
      await valve.#until(() => /^armed \d+$/mu.test(valve.#heard), 'arming', ARM_DEADLINE_MS);
      valve.#processCount = Number(/^armed (\d+)$/mu.exec(valve.#heard)?.[1]);
      await valve.#answered('ready', ARM_DEADLINE_MS);
    } catch (error) {
      await valve[Symbol.asyncDispose]();
      throw error;
    }
    return valve;
  }

  get processCount(): number {
    return this.#processCount;
  }

  /** Returns when no transaction runs any more and new ones wait. @throws PgscaleError PGS_POOLER after the deadline */
  async pause(deadlineMs: number): Promise<void> {
    this.#say('pause');
    await this.#answered('paused', deadlineMs);
  }

  /** Tells HAProxy who the primary is, ahead of its checks; a best effort, the checks go on. */
  steer(from: string, to: string): void {
    this.#say(`steer ${from} ${to}`);
  }

  /** Has the standby of this host stream from another member; Patroni sees to the same a little later. */
  follow(fromAddress: string, toAddress: string): void {
    this.#say(`follow ${fromAddress} ${toAddress}`);
  }

  /** Lets the clients go on. @throws PgscaleError PGS_POOLER when a process does not answer; the host resumes it all the same */
  async resume(deadlineMs = 5000): Promise<void> {
    this.#say('resume');
    await this.#answered('resumed', deadlineMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#heartbeat);
    if (!this.#isEnded) this.#say('resume');
    await this.#session?.[Symbol.asyncDispose]();
  }

  #say(line: string): void {
    this.#session?.write(`${line}\n`);
  }

  /** Waits until every process has said the word; what psql says beside is an error of the console. */
  async #answered(word: Word, deadlineMs: number): Promise<void> {
    const count = (): number => this.#heard.match(new RegExp(String.raw`^${word} \d+$`, 'gmu'))?.length ?? 0;
    await this.#until(() => count() >= this.#processCount, word, deadlineMs);
  }

  async #until(isSo: () => boolean, what: string, deadlineMs: number): Promise<void> {
    const endsAt = performance.now() + deadlineMs;
    while (!isSo()) {
      if (this.#isEnded || performance.now() > endsAt) throw this.#failure(what, deadlineMs);
      await sleep(POLL_MS);
    }
  }

  #failure(what: string, deadlineMs: number): PgscaleError {
    const rest = this.#heard.replaceAll(/^(?:armed|ready|paused|resumed|steered) \d+\n?/gmu, '').trim();
    return new PgscaleError('PGS_POOLER', {
      what: this.#isEnded
        ? `the pooler valve on ${this.host} ended (${what})`
        : `not every pooler on ${this.host} answered "${what}" within ${(deadlineMs / 1000).toFixed(1)} s`,
      host: this.host,
      ...(rest === '' ? {} : { why: rest }),
    });
  }
}
