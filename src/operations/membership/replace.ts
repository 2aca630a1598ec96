import { PgscaleError } from '../../errors/pgscale-error.ts';
import { editHosts, type NewHost } from '../../spec/edit.ts';
import { loadSpec, readSpecText } from '../../spec/load.ts';
import type { HostRole, HostSpec } from '../../spec/schema.ts';
import { dataDirectory } from '../../spec/topology.ts';
import { applyIn, takeClusterLock } from '../apply/index.ts';
import type { SeedOptions } from '../apply/standby.ts';
import { chosenHosts } from '../chosen-hosts.ts';
import { openCluster, type ClusterSession } from '../cluster-session.ts';
import { lookAtMembership, requireOthers, waitForLostMembers } from './look.ts';
import { refuseFor, replacementProblems, standsIn } from './refuse.ts';
import { removeIn, type RemovalOptions, type Removed } from './remove.ts';
import { standInStage } from './stand-in.ts';

export interface ReplacementOptions extends Omit<RemovalOptions, 'names' | 'dcsTo'>, SeedOptions {
  readonly old: string;
  /** Where the new host is; the rest is taken over from the old one where it is left out. */
  readonly replacement: Omit<NewHost, 'roles'>;
  /** How long running transactions may take to end before the primary leaves the old host. */
  readonly pauseTimeoutMs: number;
}

export interface Replaced extends Removed {
  readonly old: string;
  readonly replacement: string;
}

/**
 * Puts a host in the place of another, with all its roles. The new one is a standby before the old one goes, and has its
 * vote in etcd before a working old one loses it; a lost one loses it first, because etcd takes in nobody before. The primary
 * leaves a working old one by a switchover. The spec changes once, at the end.
 *
 * @throws PgscaleError PGS_MEMBERSHIP_REFUSED, and what `replica add` and `replica remove` throw
 */
export async function replaceHost(options: ReplacementOptions): Promise<Replaced> {
  const { old: name, replacement, specPath } = options;
  const text = await readSpecText(specPath);
  const spec = await loadSpec(specPath);
  const [old] = chosenHosts(spec, { names: [name] });
  if (old === undefined || spec.hosts.some((each) => each.name === replacement.name)) {
    throw new PgscaleError('PGS_MEMBERSHIP_REFUSED', {
      what: `the spec has a host ${replacement.name} already; nothing was changed`,
      next: [`pgscale replica remove ${name}, when ${replacement.name} is meant to stay beside the others`],
    });
  }
  const newcomer: NewHost = { zone: old.zone === 'default' ? undefined : old.zone, ...replacement, roles: old.roles };
  const after = editHosts(text, { remove: [name], add: [newcomer] });
  await using session = await openUnion(options, text, newcomer);
  requireOthers(session, [name]);
  await using _lock = await takeClusterLock({ ...session, spec }, 'host replace', { forMs: options.lockWaitMs });
  await waitForLostMembers({ ...session, spec }, [name]);
  const facts = await lookAtMembership({ ...session, spec });
  refuseFor(`${name} cannot be replaced now`, replacementProblems(facts, name, after.spec));
  const remove = { ...options, command: 'host replace', leaving: [old], before: text, after };
  let isConfirmed = false;
  const confirm: RemovalOptions['confirm'] = async (what) => {
    if (!isConfirmed) await options.confirm(what);
    isConfirmed = true;
  };
  if (!standsIn(facts, old, newcomer.name))
    await join(session, old, { ...options, confirm, isPrimary: facts.primary === name });
  const removed = await removeIn(session, { ...remove, confirm });
  return { ...removed, old: name, replacement: newcomer.name };
}

/** Connected to the hosts of the spec and the new one, which has no vote yet. */
async function openUnion(options: ReplacementOptions, text: string, newcomer: NewHost): Promise<ClusterSession> {
  const roles = withoutVote(newcomer.roles);
  const union = editHosts(text, { add: [{ ...newcomer, roles: roles.length === 0 ? ['proxy'] : roles }] });
  return openCluster({ ...options, specText: union.text, tolerate: true });
}

function withoutVote(roles: readonly HostRole[]): HostRole[] {
  return roles.filter((role) => role !== 'dcs');
}

/** All that the new host does without a vote in etcd, beside the old one unless that is lost; then that leads no more. */
async function join(
  session: ClusterSession,
  old: HostSpec,
  options: ReplacementOptions & { readonly isPrimary: boolean },
): Promise<void> {
  const { source, maxRateMbPerSecond, run, confirm, keepData, isPrimary } = options;
  if (withoutVote(old.roles).length === 0) return;
  const { spec, fleet } = session;
  const lost = fleet.hosts.has(old.name) ? [] : [old.name];
  const hosts = spec.hosts.filter(({ name }) => !lost.includes(name));
  const dataPath = keepData ? undefined : dataDirectory(spec);
  const together: ClusterSession = { ...session, spec: { ...spec, hosts } };
  const isMember = lost.length === 0 && old.roles.includes('database');
  await applyIn(together, {
    command: 'host replace',
    run,
    after: isMember ? [standInStage(together, old.name, options)] : [],
    ...(source === undefined ? {} : { source }),
    ...(maxRateMbPerSecond === undefined ? {} : { maxRateMbPerSecond }),
    confirm: async (plan) => {
      const what = { cluster: spec.cluster, hosts: [old.name], lost, dataDirectory: dataPath, plan };
      await confirm(isPrimary ? { ...what, primary: old.name } : what);
      return true;
    },
  });
}
