import { valveCommand } from '../../components/pgbouncer/valve.ts';
import { PgscaleError } from '../../errors/pgscale-error.ts';
import type { Host, Session } from '../../host/host.ts';

const HEARTBEAT_MS = 1000;
const ARM_DEADLINE_MS = 25_000;
const MARK_DEADLINE_MS = 5000;
/** The host itself tries for 5 s. */
const ROUTE_DEADLINE_MS = 7000;
const RESUME_DEADLINE_MS = 5000;

/**
 * Our end of the valve of one host (src/agent/valve), which holds all its PgBouncer processes and steers its HAProxy. It
 * lives on the host: when we are killed or lose the network it resumes the poolers by itself, see `resumedWithinSeconds`.
 * Disposing of it resumes them at once.
 */
export class Valve implements AsyncDisposable {
  readonly host: string;
  #heard = '';
  #session: Session | undefined;
  #heartbeat: NodeJS.Timeout | undefined;
  #isEnded = false;
  #exitCode: number | undefined;
  /** Several orders may wait for their answers at once. */
  readonly #waiting = new Set<() => void>();

  private constructor(host: string) {
    this.host = host;
  }

  /** Arms the valve of a host; nothing is paused yet. @throws PgscaleError PGS_POOLER when a process does not answer */
  static async arm(host: Host): Promise<Valve> {
    const valve = new Valve(host.name);
    valve.#session = await host.session(valveCommand(), (text) => valve.#hear(text));
    void valve.#session.ended.then(({ exitCode, stderr }) => {
      valve.#isEnded = true;
      valve.#exitCode = exitCode;
      valve.#hear(stderr);
    });
    valve.#heartbeat = setInterval(() => valve.#say('.'), HEARTBEAT_MS);
    try {
      await valve.#answered('armed', ARM_DEADLINE_MS);
    } catch (error) {
      await valve[Symbol.asyncDispose]();
      throw error;
    }
    return valve;
  }

  /** Returns when no transaction runs any more and new ones wait. @throws PgscaleError PGS_POOLER after the deadline */
  async pause(deadlineMs: number): Promise<void> {
    this.#say('pause');
    await this.#answered('paused', deadlineMs);
  }

  /** On the primary's host: has Patroni notice at once, not within a second, that its PostgreSQL has stopped. */
  async leave(): Promise<void> {
    this.#say('leave');
    await this.#answered('leaving', MARK_DEADLINE_MS);
  }

  /** On the candidate's host: has it refuse the lead when another standby has more by then. */
  async expect(): Promise<void> {
    this.#say('expect');
    await this.#answered('expecting', MARK_DEADLINE_MS);
  }

  /**
   * Tells HAProxy who the primary is, ahead of its checks, and returns when a write by the way of the poolers came through.
   * @throws PgscaleError PGS_POOLER after some seconds
   */
  async route(from: string, to: string): Promise<void> {
    this.#say(`route ${from} ${to}`);
    await this.#answered('routed', ROUTE_DEADLINE_MS);
  }

  /** Has the standby of this host stream from another member; Patroni sees to the same a little later. */
  follow(fromAddress: string, toAddress: string): void {
    this.#say(`follow ${fromAddress} ${toAddress}`);
  }

  /** Lets the clients go on. @throws PgscaleError PGS_POOLER when a process does not answer; the host resumes it all the same */
  async resume(): Promise<void> {
    this.#say('resume');
    await this.#answered('resumed', RESUME_DEADLINE_MS);
  }

  /** Whether the host has said that its clients go on; without a word they do so by themselves, some seconds later. */
  get isResumed(): boolean {
    return this.#exitCode === 0 || this.#has('resumed');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#heartbeat);
    if (!this.#isEnded) this.#say('resume');
    await this.#session?.[Symbol.asyncDispose]();
  }

  #say(line: string): void {
    this.#session?.write(`${line}\n`);
  }

  #hear(text: string): void {
    this.#heard += text;
    for (const wake of this.#waiting) wake();
  }

  #has(word: string): boolean {
    return new RegExp(`^${word}\\b`, 'mu').test(this.#heard);
  }

  /** Waits for a line that begins with the word; one that begins with `failed` is an answer too. */
  async #answered(word: string, deadlineMs: number): Promise<void> {
    const endsAt = performance.now() + deadlineMs;
    while (!this.#has(word)) {
      const leftMs = endsAt - performance.now();
      if (this.#isEnded || leftMs <= 0 || this.#has('failed')) throw this.#failure(word, deadlineMs);
      await this.#news(leftMs);
    }
  }

  async #news(withinMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(end);
        resolve();
      };
      const timer = setTimeout(end, withinMs);
      this.#waiting.add(end);
    });
  }

  #failure(word: string, deadlineMs: number): PgscaleError {
    const rest = this.#heard.replaceAll(/^(?:armed|expecting|leaving|paused|routed|resumed)\b.*\n?/gmu, '').trim();
    return new PgscaleError('PGS_POOLER', {
      what: this.#isEnded
        ? `the pooler valve on ${this.host} ended before it was ${word}`
        : `the poolers on ${this.host} were not ${word} within ${(deadlineMs / 1000).toFixed(1)} s`,
      host: this.host,
      ...(rest === '' ? {} : { why: rest }),
      // Only a pause waits for transactions; whatever else does not come is a host or a proxy that is away.
      ...(word === 'paused' ? {} : { next: ['pgscale status', 'pgscale pooler status'] }),
    });
  }
}
