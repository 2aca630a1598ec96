import { PgscaleError } from '../../errors/pgscale-error.ts';
import type { StepTiming } from '../../run/events.ts';
import type { RunOptions } from '../../run/run-stages.ts';
import type { Stage } from '../../run/step.ts';
import { editHosts, type EditedSpec } from '../../spec/edit.ts';
import { loadSpec, readSpecText } from '../../spec/load.ts';
import type { HostSpec } from '../../spec/schema.ts';
import { dataDirectory } from '../../spec/topology.ts';
import { applyIn, takeClusterLock } from '../apply/index.ts';
import { chosenHosts } from '../chosen-hosts.ts';
import { openCluster, type ClusterSession, type SessionOptions } from '../cluster-session.ts';
import type { Plan } from '../plan.ts';
import { drainStep } from './drain.ts';
import { forgetStep } from './forget.ts';
import { etcdLeaveStep, wipeStep, withdrawStep } from './leave.ts';
import { lookAtMembership, requireOthers, waitForLostMembers } from './look.ts';
import { refuseFor, removalProblems } from './refuse.ts';
import { specStep } from './spec-file.ts';

export interface RemovalOptions extends SessionOptions {
  readonly run: RunOptions;
  readonly lockWaitMs: number;
  readonly names: readonly string[];
  /** The host that takes over the role dcs, when one that has it goes. */
  readonly dcsTo?: string;
  /** How long sessions of the replica endpoint may take to end. */
  readonly drainMs: number;
  readonly keepData: boolean;
  /** Asked before anything is changed; throws when the answer is no. */
  readonly confirm: (what: Removal) => Promise<void>;
}

/** What is about to happen, or has happened. */
export interface Removal {
  readonly cluster: string;
  readonly hosts: readonly string[];
  /** Of these, the ones that do not answer: nothing is changed on them. */
  readonly lost: readonly string[];
  readonly dataDirectory: string | undefined;
  /** The primary that moves away from one of them first. */
  readonly primary?: string;
  readonly plan: Plan;
}

export interface Removed extends Removal {
  readonly timings: readonly StepTiming[];
  readonly durationMs: number;
}

/**
 * Takes hosts out of a cluster, alive or dead. The spec names them until nothing of them is left, so that a run that was cut
 * off is run again with the same words.
 *
 * @throws PgscaleError PGS_MEMBERSHIP_REFUSED, PGS_MEMBER_UNKNOWN, PGS_LOCKED, PGS_QUORUM, and what a step throws
 */
export async function removeHosts(options: RemovalOptions): Promise<Removed> {
  const spec = await loadSpec(options.specPath);
  const text = await readSpecText(options.specPath);
  const leaving = chosenHosts(spec, { names: options.names });
  const to = options.dcsTo === undefined ? [] : chosenHosts(spec, { names: [options.dcsTo] });
  const roles = Object.fromEntries(to.map((host) => [host.name, [...new Set([...host.roles, 'dcs' as const])]]));
  const after = afterRemoval(text, options.names, roles);
  await using session = await openCluster({ ...options, tolerate: true });
  requireOthers(session, options.names);
  await using _lock = await takeClusterLock(session, 'replica remove', { forMs: options.lockWaitMs });
  return await removeIn(session, { ...options, command: 'replica remove', leaving, before: text, after });
}

/** What the spec says without the hosts; with a way out when that leaves etcd with an even number of members. */
function afterRemoval(text: string, names: readonly string[], roles: Record<string, HostSpec['roles']>): EditedSpec {
  try {
    return editHosts(text, { remove: names, roles });
  } catch (error) {
    if (!(error instanceof PgscaleError) || error.code !== 'PGS_MEMBERSHIP_REFUSED') throw error;
    throw new PgscaleError(error.code, {
      what: `${names.join(', ')} cannot be removed like this; nothing was changed`,
      why: error.why ?? error.message,
      next: [
        `pgscale host replace ${names[0] ?? 'OLD'} NEW=ADDRESS`,
        `pgscale replica remove ${names.join(' ')} --dcs-to HOST, when another host can take over the role dcs`,
      ],
    });
  }
}

export interface RemoveInOptions extends Omit<RemovalOptions, keyof SessionOptions | 'lockWaitMs' | 'names'> {
  readonly specPath: string;
  readonly command: string;
  readonly leaving: readonly HostSpec[];
  /** The text of the spec now. */
  readonly before: string;
  readonly after: EditedSpec;
}

/** The same within a run that has a session (with the hosts that leave) and the lock already. */
export async function removeIn(session: ClusterSession, options: RemoveInOptions): Promise<Removed> {
  const { leaving, after, run, command } = options;
  const names = leaving.map(({ name }) => name);
  const lost = names.filter((name) => !session.fleet.hosts.has(name));
  await waitForLostMembers(session, lost);
  refuseFor(
    `${names.join(', ')} cannot be removed now`,
    removalProblems(await lookAtMembership(session), names, after.spec),
  );
  const remaining: ClusterSession = { ...session, spec: after.spec };
  const directory = options.keepData ? undefined : dataDirectory(after.spec);
  const removal = { cluster: after.spec.cluster, hosts: names, lost, dataDirectory: directory };
  const applied = await applyIn(remaining, {
    command,
    run,
    confirm: async (plan) => {
      await options.confirm({ ...removal, plan });
      return true;
    },
    ...removalStages(session, remaining, options),
  });
  return { ...removal, ...applied };
}

/**
 * What surrounds the stages of `apply`, which change the others. A lost member of etcd leaves first: until then etcd takes
 * in nobody in its place. One that works leaves last, when whoever takes its place has a vote.
 * Pure: the steps touch hosts only when they run.
 */
export function removalStages(
  session: ClusterSession,
  remaining: ClusterSession,
  options: RemoveInOptions,
): { before: Stage[]; after: Stage[] } {
  const isHere = ({ name }: HostSpec): boolean => session.fleet.hosts.has(name);
  const alive = options.leaving.filter(isHere);
  const lost = options.leaving.filter((host) => !isHere(host));
  const leave = (hosts: readonly HostSpec[]): Stage => ({
    title: 'etcd',
    serial: true,
    steps: hosts.filter(({ roles }) => roles.includes('dcs')).map((host) => etcdLeaveStep(session, host)),
  });
  const members = options.leaving.filter(({ roles }) => roles.includes('database'));
  const drained = members.filter(isHere).map(({ name }) => drainStep(session, name, options.drainMs));
  const withdrawn = alive.map((host) => withdrawStep(session, host));
  const before = [{ title: 'Addresses', steps: withdrawn }, { title: 'Drain', steps: drained }, leave(lost)];
  const after = [
    leave(alive),
    { title: 'Hosts', steps: alive.map((host) => wipeStep(session, host, options.keepData)) },
    { title: 'Patroni', steps: members.map(({ name }) => forgetStep(remaining, name)), serial: true },
    { title: 'Spec', steps: [specStep(options.specPath, options.before, options.after.text)] },
  ];
  const notEmpty = ({ steps }: Stage): boolean => steps.length > 0;
  return { before: before.filter(notEmpty), after: after.filter(notEmpty) };
}
