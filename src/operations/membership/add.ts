import { PgscaleError } from '../../errors/pgscale-error.ts';
import type { RunOptions } from '../../run/run-stages.ts';
import { editHosts, type EditedSpec, type NewHost } from '../../spec/edit.ts';
import { loadSpec, readSpecText } from '../../spec/load.ts';
import type { Spec } from '../../spec/schema.ts';
import { applyIn, takeClusterLock, type Applied } from '../apply/index.ts';
import type { SeedOptions } from '../apply/standby.ts';
import { openCluster, type SessionOptions } from '../cluster-session.ts';
import { lookAtMembership } from './look.ts';
import type { Plan } from '../plan.ts';
import { specStep } from './spec-file.ts';

export interface AdditionOptions extends SessionOptions, SeedOptions {
  readonly run: RunOptions;
  readonly lockWaitMs: number;
  readonly hosts: readonly NewHost[];
  /** Asked with what would change, on all hosts; false ends the run. */
  readonly confirm: (plan: Plan) => Promise<boolean>;
}

export interface Added extends Applied {
  readonly added: readonly string[];
}

/**
 * Adds hosts to a cluster: the spec first, so that `apply` and a second run of the same command both finish what was cut
 * off, then everything that `apply` does for a new host.
 *
 * @throws PgscaleError PGS_MEMBERSHIP_REFUSED, PGS_NO_LEADER, and what `apply` throws
 */
export async function addHosts(options: AdditionOptions): Promise<Added> {
  const { specPath, hosts, run, confirm, source, maxRateMbPerSecond } = options;
  const text = await readSpecText(specPath);
  const after = afterAddition(text, await loadSpec(specPath), hosts);
  await using session = await openCluster({ ...options, specText: after.text });
  await using _lock = await takeClusterLock(session, 'replica add', { forMs: options.lockWaitMs });
  await lookAtMembership(session);
  const applied = await applyIn(session, {
    command: 'replica add',
    run,
    confirm,
    ...(source === undefined ? {} : { source }),
    ...(maxRateMbPerSecond === undefined ? {} : { maxRateMbPerSecond }),
    before: after.text === text ? [] : [{ title: 'Spec', steps: [specStep(specPath, text, after.text)] }],
  });
  return { ...applied, added: hosts.map(({ name }) => name) };
}

/** A host that is there already, as it was asked for, is no mistake: the run before was cut off. Pure. */
export function afterAddition(text: string, spec: Spec, hosts: readonly NewHost[]): EditedSpec {
  const isThere = (host: NewHost): boolean => {
    const found = spec.hosts.find(({ name }) => name === host.name);
    if (found === undefined) return false;
    if (found.address !== host.address) {
      throw new PgscaleError('PGS_MEMBERSHIP_REFUSED', {
        what: `the spec has a host ${host.name} already, at ${found.address}; nothing was changed`,
        next: ['Choose another name, or remove that host first: pgscale replica remove'],
      });
    }
    const { zone = found.zone, sshAddress = found.sshAddress } = host;
    if (zone === found.zone && sshAddress === found.sshAddress) return true;
    throw new PgscaleError('PGS_MEMBERSHIP_REFUSED', {
      what: `the spec has ${host.name} already, in zone ${found.zone} and with sshAddress ${found.sshAddress}; nothing was changed`,
      next: ['Change its line in the spec, then: pgscale apply'],
    });
  };
  const missing = hosts.filter((host) => !isThere(host));
  return missing.length === 0 ? { text, spec } : editHosts(text, { add: missing });
}
