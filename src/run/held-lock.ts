import { setTimeout as sleep } from 'node:timers/promises';

import { PgscaleError } from '../errors/pgscale-error.ts';
import { SILENCE_S, type Claim, type LockPlace } from './lock-place.ts';

const HEARTBEAT_MS = 10_000;
/** By then a host has let go of a session of ours that broke, and whoever reboots it may have it back. */
const REGAIN_MS = (SILENCE_S + 15) * 1000;
const ROUND_MS = 15_000;

/** The locks that this process works under. Every step asks them before it begins, so that no operation can forget to. */
const heldHere = new Set<HeldLock>();

const NEVER = new AbortController().signal;

/** @throws PgscaleError PGS_LOCK_LOST when a lock that this process took is not its own any more */
export async function refuseLostLock(signal = NEVER): Promise<void> {
  await Promise.all([...heldHere].map((lock) => lock.check(signal)));
}

/** What has been done under the locks of this process, for the message when one of them is lost. */
export function noteDone(title: string): void {
  for (const lock of heldHere) lock.noteDone(title);
}

/**
 * The lock of a cluster while a run has it. It is ours as long as a majority of the hosts say so without a break: one host
 * that is away for a moment, or comes back without its memory, is no loss.
 */
export class HeldLock implements AsyncDisposable {
  readonly #cluster: string;
  readonly #self: string;
  readonly #places: readonly LockPlace[];
  readonly #needed: number;
  /** Where nobody else can have had the lock since we took it. */
  readonly #unbroken: Set<LockPlace>;
  readonly #claims = new Map<LockPlace, Claim>();
  readonly #done: string[] = [];
  readonly #heartbeat: NodeJS.Timeout;
  #checking: Promise<void> | undefined;
  #lost: PgscaleError | undefined;

  /** @param needed How many of the places make a majority */
  constructor(lock: { cluster: string; self: string; needed: number }, places: readonly LockPlace[]) {
    this.#cluster = lock.cluster;
    this.#self = lock.self;
    this.#needed = lock.needed;
    this.#places = places;
    this.#unbroken = new Set(places);
    this.#heartbeat = setInterval(() => void this.#renew(places), HEARTBEAT_MS);
    this.#heartbeat.unref();
    heldHere.add(this);
  }

  /** Costs nothing while the last heartbeat counts. @throws PgscaleError PGS_LOCK_LOST */
  check(signal: AbortSignal): Promise<void> {
    this.#checking ??= this.#check(signal).finally(() => (this.#checking = undefined));
    return this.#checking;
  }

  noteDone(title: string): void {
    this.#done.push(title);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    heldHere.delete(this);
    clearInterval(this.#heartbeat);
    await Promise.all(this.#places.map((place) => place.release()));
  }

  async #check(signal: AbortSignal): Promise<void> {
    const endsAt = Date.now() + REGAIN_MS;
    while (this.#lost === undefined && !this.#isHeld()) {
      if (signal.aborted) return;
      const away = this.#places.filter((place) => !place.isHeld);
      await Promise.race([this.#renew(away), sleep(ROUND_MS, undefined, { ref: false })]);
      if (this.#isHeld()) return;
      const holder = this.#holderNow() ?? (Date.now() >= endsAt ? this.#silence() : undefined);
      if (holder === undefined) await sleep(1000);
      else this.#lost = this.#loss(holder);
    }
    if (this.#lost !== undefined) throw this.#lost;
  }

  #isHeld(): boolean {
    return this.#places.filter((place) => place.isHeld && this.#unbroken.has(place)).length >= this.#needed;
  }

  async #renew(places: readonly LockPlace[]): Promise<void> {
    await Promise.all(
      places.map(async (place) => {
        const claim = await place.renew();
        this.#claims.set(place, claim);
        if (claim.state !== 'held') return;
        if (claim.before !== this.#self) this.#unbroken.delete(place);
        // As long as the lock is ours, a place that we have back belongs to it, whoever tried it in between.
        if (this.#isHeld()) this.#unbroken.add(place);
      }),
    );
  }

  /** Another run, or nobody any more; undefined while it may still turn out to be us. */
  #holderNow(): string | undefined {
    const claims = [...this.#claims.values()];
    const other = claims.find((claim) => claim.state === 'busy' && claim.heldBy !== this.#self);
    if (other?.state === 'busy') return `held now by ${other.heldBy}`;
    if (this.#places.filter((place) => place.isHeld).length < this.#needed) return undefined;
    const between = claims.flatMap((claim) => (claim.state === 'held' ? [claim.before] : []));
    const name = between.find((each) => each !== '' && each !== this.#self);
    return name === undefined
      ? 'nobody holds it now, and the hosts do not know who had it in between'
      : `nobody holds it now; in between it was held by ${name}`;
  }

  #silence(): string {
    const why = [...this.#claims.values()].flatMap((claim) => (claim.state === 'silent' ? [claim.why] : []));
    return ['who holds it now is not known:', ...new Set(why)].join('\n');
  }

  #loss(holder: string): PgscaleError {
    const done = this.#done.length === 0 ? 'nothing yet' : this.#done.join(', ');
    return new PgscaleError('PGS_LOCK_LOST', {
      what: `this run has lost the lock of cluster ${this.#cluster}, and stopped before its next step`,
      why: `${holder}\ndone so far: ${done}`,
      details: { holder, done: this.#done },
    });
  }
}
