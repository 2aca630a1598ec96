import { waitReplayed } from '../../cluster/replayed.ts';
import { readMember, restartMember } from '../../components/patroni/client.ts';
import { messageOf } from '../../errors/message.ts';
import { waitFor } from '../../run/deadline.ts';
import { refuseLostLock } from '../../run/held-lock.ts';
import type { Step } from '../../run/step.ts';
import type { HostSpec } from '../../spec/schema.ts';
import type { ClusterSession } from '../cluster-session.ts';
import { HOLD_DEADLINE_MS, holdPoolers } from '../switchover/hold.ts';

/** Patroni's own 150 s, and a minute for what comes before. */
const RESTART_DEADLINE_MS = 240_000;
const COME_BACK_DEADLINE_MS = 120_000;

/** The primary that restarts where it is, and how long running transactions may take to end before. */
interface PrimaryHold {
  readonly primary: string;
  readonly pauseTimeoutMs: number;
}

/**
 * Restarts PostgreSQL of a member, and is over when the member works again.
 * @param after The primary whose WAL the standby has to have replayed first.
 */
export function restartStep(session: ClusterSession, host: HostSpec, after: string | undefined): Step {
  return {
    id: `restart:${host.name}`,
    title: `Restart PostgreSQL on ${host.name}`,
    host: host.name,
    deadlineMs: RESTART_DEADLINE_MS + COME_BACK_DEADLINE_MS,
    run: async (report, signal) => {
      if (after !== undefined) {
        report(`waiting until it has replayed what ${after} has written`);
        await waitReplayed(session.host(after), session.host(host.name), session.spec.postgres.port, signal);
      }
      await restartMember(session.host(host.name), { ...session, host });
      report('waiting until it works again');
      await comeBack(session, host, signal);
    },
  };
}

/** The primary restarts where it is: the poolers hold their clients for so long. Where they cannot, nothing is done. */
export function heldStep(session: ClusterSession, step: Step, hold: PrimaryHold): Step {
  const run: Step['run'] = (report, signal) => holdPoolers({ session, ...hold }, () => step.run(report, signal));
  return { ...step, deadlineMs: step.deadlineMs + HOLD_DEADLINE_MS, run };
}

/** The same, but where the poolers cannot hold their clients the step is done all the same. */
export function heldWherePossible(session: ClusterSession, step: Step, hold: PrimaryHold): Step {
  let isBegun = false;
  const begin: Step['run'] = (report, signal) => {
    isBegun = true;
    return step.run(report, signal);
  };
  const held = heldStep(session, { ...step, run: begin }, hold);
  const run: Step['run'] = (report, signal) =>
    held.run(report, signal).catch(async (error: unknown) => {
      if (isBegun) throw error;
      await refuseLostLock();
      report(`without holding the poolers: ${messageOf(error)}`);
      return step.run(report, signal);
    });
  return { ...held, run };
}

async function comeBack(session: ClusterSession, host: HostSpec, signal: AbortSignal): Promise<void> {
  let seen = 'no answer';
  const what = `PostgreSQL on ${host.name} to work again`;
  const why = async (): Promise<string> => seen;
  const wait = { what, host: host.name, deadlineMs: COME_BACK_DEADLINE_MS, pollMs: 100, signal, why };
  await waitFor(wait, async () => {
    const member = await readMember(session.host(host.name), { spec: session.spec, host });
    seen = member === undefined ? 'no answer' : `${member.role}, ${member.replication_state ?? member.state}`;
    const works = member?.role === 'primary' ? member.state === 'running' : member?.replication_state === 'streaming';
    return works ? member : undefined;
  });
}
