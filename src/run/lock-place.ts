import { setTimeout as sleep } from 'node:timers/promises';

import { messageOf } from '../errors/message.ts';
import { sh, type Command } from '../host/command.ts';
import type { Host, Session } from '../host/host.ts';

/** The host gives the lock up when it has not heard from us for this long (a machine that vanished sends no FIN). */
export const SILENCE_S = 45;
const ANSWER_DEADLINE_MS = 15_000;

/** What a host says when it is asked for the lock. */
export type Claim =
  | { readonly state: 'held'; /** Who had it last; '' where the host does not know. */ readonly before: string }
  | { readonly state: 'busy'; readonly heldBy: string }
  | { readonly state: 'silent'; readonly why: string };

/** The lock of a cluster on one host: an flock(1) of a process that lives as long as our SSH session. */
export class LockPlace {
  readonly host: Host;
  readonly #command: Command;
  readonly #self: string;
  #session: Session | undefined;
  /** When we sent what the host has last confirmed: by the clock, which goes on while a laptop sleeps. */
  #confirmedAt = 0;
  #heard: () => void = () => undefined;
  #renewing: Promise<Claim> | undefined;

  /** @param self How this run is called where another one asks who has the lock. */
  constructor(host: Host, cluster: string, self: string) {
    this.host = host;
    this.#self = self;
    this.#command = lockCommand(cluster, self);
  }

  /** For certain: the host has confirmed it within the time after which it would give it up. */
  get isHeld(): boolean {
    return this.#session !== undefined && Math.abs(Date.now() - this.#confirmedAt) < SILENCE_S * 1000;
  }

  /** Asks for the lock, and has it until `release` if the answer is 'held'. @throws PgscaleError PGS_HOST_UNREACHABLE … */
  async claim(): Promise<Claim> {
    const sentAt = Date.now();
    let output = '';
    const session = await this.host.session(this.#command, (text) => {
      output += text;
      this.#confirmedAt = confirmed(output) ?? this.#confirmedAt;
      this.#heard();
    });
    await this.#answer(session, () => output.includes('\n'));
    const [answer = ''] = output.split('\n');
    if (answer.startsWith('HELD')) {
      this.#session = session;
      this.#confirmedAt = sentAt;
      void session.ended.then(() => (this.#session = undefined));
      return { state: 'held', before: answer.slice('HELD'.length).trim() };
    }
    await session[Symbol.asyncDispose]();
    if (!answer.startsWith('BUSY')) return { state: 'silent', why: `${this.host.name} does not say who has the lock` };
    return { state: 'busy', heldBy: answer.slice('BUSY'.length).trim() || 'a run that did not give its name' };
  }

  /** Has the host confirm that we have the lock, or asks for it again where the session has ended. Never throws. */
  renew(): Promise<Claim> {
    this.#renewing ??= this.#renew().finally(() => (this.#renewing = undefined));
    return this.#renewing;
  }

  async release(): Promise<void> {
    await this.#session?.[Symbol.asyncDispose]();
  }

  async #renew(): Promise<Claim> {
    const session = this.#session;
    if (session === undefined) {
      return this.claim().catch((error: unknown) => ({ state: 'silent', why: messageOf(error) }));
    }
    const sentAt = Date.now();
    session.write(`${sentAt}\n`);
    await this.#answer(session, () => this.#confirmedAt === sentAt);
    return this.isHeld
      ? { state: 'held', before: this.#self }
      : { state: 'silent', why: `${this.host.name} does not answer` };
  }

  async #answer(session: Session, isThere: () => boolean): Promise<void> {
    const answered = new Promise<void>((resolve) => {
      this.#heard = () => (isThere() ? resolve() : undefined);
    });
    this.#heard();
    await Promise.race([answered, session.ended, sleep(ANSWER_DEADLINE_MS, undefined, { ref: false })]);
  }
}

/** The last time that the host has sent back to us; its first line is the answer to the claim. */
function confirmed(output: string): number | undefined {
  const latest = output.split('\n').slice(1, -1).at(-1);
  return latest === undefined ? undefined : Number(latest);
}

/** Each line that comes is sent back, as long as the lock file is still the one that we have: somebody may have removed it. */
function lockCommand(cluster: string, self: string): Command {
  const script = sh`mkdir -p /run/pgscale; cd /run/pgscale
exec 9>>lock.${cluster}
if ! flock -n 9; then echo "BUSY $(cat holder.${cluster} 2>/dev/null)"; exit 75; fi
echo "HELD $(cat holder.${cluster} 2>/dev/null)"
printf '%s' ${self} >holder.${cluster}
while read -r -t ${SILENCE_S} line && [ lock.${cluster} -ef /dev/fd/9 ]; do echo "$line"; done`;
  return sh`exec bash -c ${script.script}`;
}
