import { setTimeout as sleep } from 'node:timers/promises';

import { PgscaleError, throwRejected } from '../errors/pgscale-error.ts';
import { sh } from '../host/command.ts';
import type { Host } from '../host/host.ts';
import { HeldLock } from './held-lock.ts';
import { LockPlace } from './lock-place.ts';

/** Who holds the lock, as the other side will read it. */
export interface LockHolder {
  user: string;
  machine: string;
  pid: number;
  command: string;
  since: string;
}

/** Where the lock of a cluster is. */
export interface LockPlaces {
  readonly cluster: string;
  /** The hosts with a vote that answer, in the same order in every run. */
  readonly hosts: readonly Host[];
  /** How many have a vote, with those that do not answer. */
  readonly voters: number;
}

/** What to do while another run has the lock. */
export interface LockWait {
  /** 0 refuses at once. */
  readonly forMs: number;
  readonly signal?: AbortSignal;
  /** Told once who has the lock that we wait for. */
  readonly onBusy?: (heldBy: string) => void;
}

/** How many of the hosts with a vote have to give the lock, so that no two runs can have it. Pure. */
export function majority(voters: number): number {
  return Math.floor(voters / 2) + 1;
}

/**
 * Takes the lock of a cluster on its hosts, in order, so that two runs cannot hold half each. It goes away with our SSH
 * sessions, however we end; while we have it, every step asks first whether it is still ours.
 *
 * @throws PgscaleError PGS_LOCKED, naming the holder; PGS_INTERRUPTED; what keeps a host from answering (PGS_HOST_SUDO).
 */
export async function takeLock(places: LockPlaces, holder: LockHolder, wait: LockWait): Promise<AsyncDisposable> {
  const endsAt = performance.now() + wait.forMs;
  for (let tries = 0; ; tries += 1) {
    const attempt = await tryAll(places, holder);
    if (attempt instanceof HeldLock) return attempt;
    if (wait.signal?.aborted === true) {
      throw new PgscaleError('PGS_INTERRUPTED', { what: `no longer waiting for the lock held by ${attempt.heldBy}` });
    }
    if (performance.now() >= endsAt) {
      throw new PgscaleError('PGS_LOCKED', {
        what: `another run holds the lock of cluster ${places.cluster}`,
        host: attempt.host,
        why: `held by ${attempt.heldBy}`,
        details: { holder: attempt.heldBy },
      });
    }
    if (tries === 0) wait.onBusy?.(attempt.heldBy);
    await sleep(1000);
  }
}

async function tryAll(
  { hosts, cluster, voters }: LockPlaces,
  { user, machine, pid, since, command }: LockHolder,
): Promise<HeldLock | { heldBy: string; host: string }> {
  const self = `${user}@${machine}, pid ${pid}, since ${since}: ${command}`;
  const places: LockPlace[] = [];
  const release = async (): Promise<void> => {
    await Promise.all(places.map((place) => place.release()));
  };
  for (const host of hosts) {
    const place = new LockPlace(host, cluster, self);
    const claim = await place.claim();
    if (claim.state === 'held') {
      places.push(place);
      continue;
    }
    await release();
    if (claim.state === 'silent') throw await noAnswer(hosts, host);
    return { heldBy: claim.heldBy, host: host.name };
  }
  return new HeldLock({ cluster, self, needed: majority(voters) }, places);
}

/** Why a host did not answer: a command that does nothing fails for the same reason, and says it. */
async function noAnswer(hosts: readonly Host[], silent: Host): Promise<PgscaleError> {
  throwRejected(await Promise.allSettled(hosts.map((host) => host.run(sh`true`))));
  return new PgscaleError('PGS_REMOTE_ANSWER', {
    what: `${silent.name} did not answer when it was asked for the lock`,
    host: silent.name,
  });
}
