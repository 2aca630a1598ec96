import { waitReplayed } from '../../cluster/replayed.ts';
import { readMember, restartMember } from '../../components/patroni/client.ts';
import { waitFor } from '../../run/deadline.ts';
import { runStages, type RunOptions } from '../../run/run-stages.ts';
import type { Step } from '../../run/step.ts';
import type { HostSpec } from '../../spec/schema.ts';
import { audited } from '../audited.ts';
import { chosenHosts } from '../chosen-hosts.ts';
import { requiredHosts, type ClusterSession } from '../cluster-session.ts';
import { holdPoolers } from '../switchover/hold.ts';
import { switchoverIn } from '../switchover/index.ts';
import { leaderOf, readMembers } from '../switchover/look.ts';
import { restartPlan, type MemberNeed, type RestartChoice, type RestartPlan } from './order.ts';

export type { RestartPlan };

/** Patroni's own 150 s, and a minute for what comes before. */
const RESTART_DEADLINE_MS = 240_000;
const COME_BACK_DEADLINE_MS = 120_000;

export interface RestartOptions extends RestartChoice {
  readonly run: RunOptions;
  /** How long running transactions may take to end before the primary moves or restarts. */
  readonly pauseTimeoutMs: number;
  /** Asked before anything is changed; throws when the answer is no. */
  readonly confirm: (plan: RestartPlan) => Promise<void>;
}

/** What was restarted, in this order. */
export interface Restarted {
  readonly restarted: readonly string[];
  readonly isLowering: boolean;
  readonly primary: { readonly before: string; readonly after: string };
  readonly durationMs: number;
}

/**
 * Restarts PostgreSQL of the members one by one. Clients of the pool endpoint wait while the primary restarts, or (rolling)
 * while it moves.
 * @throws PgscaleError PGS_NO_LEADER, PGS_MEMBER_UNKNOWN, PGS_HOST_UNREACHABLE for a chosen host, and what a step throws
 */
export async function restartMembers(session: ClusterSession, options: RestartOptions): Promise<Restarted> {
  const startedAt = performance.now();
  await requiredHosts(session, chosenHosts(session.spec, { names: options.hosts, role: 'database' }));
  const before = leaderOf(await readMembers(session));
  const plan = restartPlan(await readNeeds(session, before), options);
  if (plan.order.length > 0) {
    await options.confirm(plan);
    const changes = plan.order.map(({ host }) => `restart PostgreSQL on ${host}`);
    await audited(session, { command: 'restart', changes }, () => restartInOrder(session, plan, options));
  }
  return {
    restarted: plan.order.map(({ host }) => host),
    isLowering: plan.isLowering,
    primary: { before, after: leaderOf(await readMembers(session)) },
    durationMs: Math.round(performance.now() - startedAt),
  };
}

/** What waits for a restart, asked of every member that is there. */
async function readNeeds(session: ClusterSession, primary: string): Promise<MemberNeed[]> {
  return Promise.all(
    chosenHosts(session.spec, { role: 'database' }).map(async (host) => {
      const reader = session.fleet.hosts.get(host.name);
      const answer = reader === undefined ? undefined : await readMember(reader, { spec: session.spec, host });
      return {
        host: host.name,
        isPrimary: host.name === primary,
        isPending: answer?.pending_restart ?? false,
        reasons: answer?.pending_restart_reason ?? {},
      };
    }),
  );
}

async function restartInOrder(session: ClusterSession, plan: RestartPlan, options: RestartOptions): Promise<void> {
  const { run, pauseTimeoutMs } = options;
  // Before a standby has replayed that its primary has less now, it would start with the old value again.
  const after = plan.isLowering ? plan.order.find(({ isPrimary }) => isPrimary)?.host : undefined;
  for (const { host: name, isPrimary } of plan.order) {
    const [host] = chosenHosts(session.spec, { names: [name] });
    if (host === undefined) continue;
    const moves = isPrimary && plan.hasSwitchover;
    if (moves) await switchoverIn(session, { run, pauseTimeoutMs, confirm: async () => true });
    const step = restartStep(session, host, isPrimary ? undefined : after);
    const held = isPrimary && !moves ? heldStep(session, step, { primary: name, pauseTimeoutMs }) : step;
    await runStages([{ title: `Restart ${name}`, steps: [held] }], run);
  }
}

/** @param after The primary whose WAL the standby has to have replayed first. */
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

/** The primary restarts where it is: the poolers hold their clients for so long. */
export function heldStep(session: ClusterSession, step: Step, hold: { primary: string; pauseTimeoutMs: number }): Step {
  return { ...step, run: (report, signal) => holdPoolers({ session, ...hold }, () => step.run(report, signal)) };
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
