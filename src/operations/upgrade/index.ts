import { PgscaleError } from '../../errors/pgscale-error.ts';
import { runStages, type RunOptions } from '../../run/run-stages.ts';
import { audited } from '../audited.ts';
import type { ClusterSession } from '../cluster-session.ts';
import { readTarget } from '../cluster-session.ts';
import { chosenHosts } from '../chosen-hosts.ts';
import { switchoverIn } from '../switchover/index.ts';
import { leaderOf, readMembers } from '../switchover/look.ts';
import { lookBeforeUpgrade } from './look.ts';
import { upgradePlan, type HostUpgrade, type UpgradePlan } from './plan.ts';
import { upgradeSteps } from './steps.ts';

export interface UpgradeOptions {
  readonly run: RunOptions;
  readonly isDryRun: boolean;
  /** How long running transactions may take to end before the primary moves. */
  readonly pauseTimeoutMs: number;
  /** Asked with the plan before anything is changed; throws when the answer is no. */
  readonly confirm: (plan: UpgradePlan) => Promise<void>;
}

/** What was upgraded. With a dry run, or when there is nothing to do, only the plan. */
export interface Upgraded extends UpgradePlan {
  readonly isDone: boolean;
  readonly primary: { readonly before: string; readonly after: string };
  readonly durationMs: number;
}

/**
 * Brings the packages of all components to what apt offers, one host after the other: hosts without a member, the
 * standbys, then the primary after a switchover. The next host begins only when the one before works as it should.
 *
 * @throws PgscaleError PGS_UPGRADE_STOPPED with what is done and what is left, and what `confirm` throws
 */
export async function upgrade(session: ClusterSession, options: UpgradeOptions): Promise<Upgraded> {
  const startedAt = performance.now();
  const before = leaderOf(await readMembers(session));
  const plan = upgradePlan(await lookBeforeUpgrade(session));
  const isDone = plan.hosts.length > 0 && !options.isDryRun;
  if (isDone) {
    await options.confirm(plan);
    await audited(session, { command: 'upgrade', changes: (host) => changesOf(plan, host) }, () =>
      upgradeInOrder(session, plan, options),
    );
  }
  const after = leaderOf(await readMembers(session));
  return { ...plan, isDone, primary: { before, after }, durationMs: Math.round(performance.now() - startedAt) };
}

function changesOf({ hosts }: UpgradePlan, name: string): string[] {
  return hosts
    .filter(({ host }) => host === name)
    .flatMap(({ packages, restarts }) => [
      ...packages.map((change) => `${change.name} ${change.from} → ${change.to}`),
      ...restarts.map((service) => `restart ${service}`),
    ]);
}

async function upgradeInOrder(session: ClusterSession, plan: UpgradePlan, options: UpgradeOptions): Promise<void> {
  const done: string[] = [];
  for (const each of plan.hosts) {
    try {
      await upgradeHost(session, each, plan, options);
    } catch (error) {
      throw stopped(error, each, done, plan);
    }
    done.push(each.host);
  }
}

async function upgradeHost(
  session: ClusterSession,
  wanted: HostUpgrade,
  { hasSwitchover }: UpgradePlan,
  { run, pauseTimeoutMs }: UpgradeOptions,
): Promise<void> {
  const [host] = chosenHosts(session.spec, { names: [wanted.host] });
  if (host === undefined) return;
  // Another one may have taken over since the plan.
  const leads = leaderOf(await readMembers(session)) === host.name;
  const moves = leads && hasSwitchover && wanted.restarts.includes('postgres');
  if (moves) await switchoverIn(session, { run, pauseTimeoutMs, confirm: async () => true });
  const target = await readTarget(session, host);
  const hold = leads && !moves ? { primary: host.name, pauseTimeoutMs } : undefined;
  const steps = upgradeSteps(session, target, wanted, hold);
  await runStages([{ title: `Upgrade ${host.name}`, steps, serial: true }], run);
}

/** What stops a run is none of the host's doing, and says itself what was done. */
const NOT_OF_THE_HOST: readonly string[] = ['PGS_INTERRUPTED', 'PGS_LOCK_LOST'];

/** An error that says where the cluster stands. */
function stopped(error: unknown, at: HostUpgrade, done: readonly string[], { hosts }: UpgradePlan): unknown {
  if (!(error instanceof PgscaleError) || NOT_OF_THE_HOST.includes(error.code)) return error;
  const left = hosts.map(({ host }) => host).filter((host) => host !== at.host && !done.includes(host));
  const list = (names: readonly string[]): string => (names.length === 0 ? 'none' : names.join(', '));
  return new PgscaleError('PGS_UPGRADE_STOPPED', {
    what: `the upgrade stopped at ${at.host}`,
    host: at.host,
    why: `${error.message}${error.why === undefined ? '' : `\n${error.why}`}\nupgraded: ${list(done)}; not begun: ${list(left)}`,
    next: [
      `pgscale logs ${at.host}`,
      'pgscale status',
      'pgscale upgrade, once it works again: it goes on where it stopped',
    ],
  });
}
