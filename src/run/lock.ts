import { setTimeout as sleep } from 'node:timers/promises';

import { sh } from '../host/command.ts';
import type { Host, Session } from '../host/host.ts';
import { PgscaleError } from '../errors/pgscale-error.ts';

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

/**
 * Takes the lock of a cluster on the given hosts, in order, so that two runs cannot hold half each. The lock is an
 * flock(1) of a process that lives as long as our SSH session: it goes away with us, however we end.
 *
 * @param waitMs how long to wait for another holder; 0 refuses at once.
 * @throws PgscaleError PGS_LOCKED, naming the holder.
 */
export async function takeLock(
  hosts: readonly Host[],
  cluster: string,
  holder: LockHolder,
  waitMs: number,
): Promise<Lock> {
  const endsAt = performance.now() + waitMs;
  for (;;) {
    const attempt = await tryAll(hosts, cluster, holder);
    if ('lock' in attempt) return attempt.lock;
    if (performance.now() >= endsAt) {
      throw new PgscaleError('PGS_LOCKED', {
        what: `another run holds the lock of cluster ${cluster}`,
        host: attempt.host,
        why: `held by ${attempt.heldBy}`,
        details: { holder: attempt.heldBy },
      });
    }
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

async function tryOne(
  host: Host,
  cluster: string,
  holder: LockHolder,
): Promise<{ session: Session } | { heldBy: string }> {
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
  return { heldBy: output.replace(/^BUSY\s*/u, '').trim() || 'a run that did not give its name' };
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
