import { readMember } from '../../components/patroni/client.ts';
import { runStages, type RunOptions } from '../../run/run-stages.ts';
import { audited } from '../audited.ts';
import { chosenHosts } from '../chosen-hosts.ts';
import { requiredHosts, type ClusterSession } from '../cluster-session.ts';
import { switchoverIn } from '../switchover/index.ts';
import { leaderOf, readMembers } from '../switchover/look.ts';
import { restartPlan, type MemberNeed, type RestartChoice, type RestartPlan } from './order.ts';
import { heldStep, restartStep } from './step.ts';

export type { RestartPlan };

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
  for (const { host: name } of plan.order) {
    const [host] = chosenHosts(session.spec, { names: [name] });
    if (host === undefined) continue;
    // Another one may have taken over since the plan.
    const primary = leaderOf(await readMembers(session));
    const moves = name === primary && plan.hasSwitchover;
    if (moves) await switchoverIn(session, { run, pauseTimeoutMs, confirm: async () => true });
    // Before a standby has replayed that its primary has less now, it would start with the old value again.
    const step = restartStep(session, host, plan.isLowering && name !== primary ? primary : undefined);
    const held = name === primary && !moves ? heldStep(session, step, { primary, pauseTimeoutMs }) : step;
    await runStages([{ title: `Restart ${name}`, steps: [held] }], run);
  }
}
