import { setTimeout as sleep } from 'node:timers/promises';

import { sh } from '../host/command.ts';
import type { Host, Session } from '../host/host.ts';
import { PgscaleError, throwRejected } from '../errors/pgscale-error.ts';

/** Who holds the lock, as the other side will read it. */
export interface LockHolder {
  user: string;
  machine: string;
  pid: number;
  command: string;
  since: string;
}

export type Lock = AsyncDisposable;

const HEARTBEAT_MS = 10_000;
/** The host gives the lock up when it has not heard from us for this long (a machine that vanished sends no FIN). */
const SILENCE_S = 45;
const ANSWER_DEADLINE_MS = 15_000;

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
 * Takes the lock of a cluster on the given hosts, in order, so that two runs cannot hold half each. The lock is an
 * flock(1) of a process that lives as long as our SSH session: it goes away with us, however we end.
 *
 * @throws PgscaleError PGS_LOCKED, naming the holder; PGS_INTERRUPTED; what keeps a host from answering (PGS_HOST_SUDO).
 */
export async function takeLock(
  hosts: readonly Host[],
  cluster: string,
  holder: LockHolder,
  wait: LockWait,
): Promise<Lock> {
  const endsAt = performance.now() + wait.forMs;
  for (let tries = 0; ; tries += 1) {
    const attempt = await tryAll(hosts, cluster, holder);
    if ('lock' in attempt) return attempt.lock;
    if (wait.signal?.aborted === true) {
      throw new PgscaleError('PGS_INTERRUPTED', { what: `no longer waiting for the lock held by ${attempt.heldBy}` });
    }
    if (performance.now() >= endsAt) {
      throw new PgscaleError('PGS_LOCKED', {
        what: `another run holds the lock of cluster ${cluster}`,
        host: attempt.host,
        why: `held by ${attempt.heldBy}`,
        details: { holder: attempt.heldBy },
      });
    }
    if (tries === 0) wait.onBusy?.(attempt.heldBy);
    await sleep(1000);
  }
}

type Attempt = { lock: Lock } | { heldBy: string; host: string };

async function tryAll(hosts: readonly Host[], cluster: string, holder: LockHolder): Promise<Attempt> {
  const sessions: Session[] = [];
  const release = async (): Promise<void> => {
    await Promise.all(sessions.map((session) => session[Symbol.asyncDispose]()));
  };
  for (const host of hosts) {
    const answer = await tryOne(host, cluster, holder);
    if (answer === undefined) {
      await release();
      throw await noAnswer(hosts, host);
    }
    if ('session' in answer) {
      sessions.push(answer.session);
      continue;
    }
    await release();
    return { heldBy: answer.heldBy, host: host.name };
  }
  const heartbeat = setInterval(() => {
    for (const session of sessions) session.write('.\n');
  }, HEARTBEAT_MS);
  heartbeat.unref();
  return {
    lock: {
      [Symbol.asyncDispose]: async () => {
        clearInterval(heartbeat);
        await release();
      },
    },
  };
}

/** Undefined: the host did not say who has the lock. */
async function tryOne(
  host: Host,
  cluster: string,
  holder: LockHolder,
): Promise<{ session: Session } | { heldBy: string } | undefined> {
  let output = '';
  let wake: () => void = () => undefined;
  const session = await host.session(lockCommand(cluster, holder), (text) => {
    output += text;
    wake();
  });
  const answered = new Promise<void>((resolve) => (wake = () => (output.includes('\n') ? resolve() : undefined)));
  wake();
  await Promise.race([answered, session.ended, sleep(ANSWER_DEADLINE_MS, undefined, { ref: false })]);
  if (output.startsWith('HELD')) return { session };
  await session[Symbol.asyncDispose]();
  if (!output.startsWith('BUSY')) return undefined;
  return { heldBy: output.replace(/^BUSY\s*/u, '').trim() || 'a run that did not give its name' };
}

/** Why a host did not answer: a command that does nothing fails for the same reason, and says it. */
async function noAnswer(hosts: readonly Host[], silent: Host): Promise<PgscaleError> {
  throwRejected(await Promise.allSettled(hosts.map((host) => host.run(sh`true`))));
  return new PgscaleError('PGS_REMOTE_ANSWER', {
    what: `${silent.name} did not answer when it was asked for the lock`,
    host: silent.name,
  });
}

function lockCommand(cluster: string, holder: LockHolder): ReturnType<typeof sh> {
  const description = `${holder.user}@${holder.machine}, pid ${holder.pid}, since ${holder.since}: ${holder.command}`;
  const script = sh`mkdir -p /run/pgscale; cd /run/pgscale
exec 9>>lock.${cluster}
if ! flock -n 9; then echo "BUSY $(cat holder.${cluster} 2>/dev/null)"; exit 75; fi
printf '%s' ${description} >holder.${cluster}
echo HELD
while read -r -t ${SILENCE_S} line; do :; done
rm -f holder.${cluster}`;
  return sh`exec bash -c ${script.script}`;
}
