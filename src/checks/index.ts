import type { Target } from '../components/component.ts';
import type { Reader } from '../host/host.ts';
import { address } from './address.ts';
import type { Check, CheckFinding } from './check.ts';
import { clockFindings } from './clock.ts';
import { disk } from './disk.ts';
import { foreign } from './foreign.ts';
import { foreignStopped } from './foreign-stopped.ts';
import { fsyncLatency } from './fsync.ts';
import { logicalSlots } from './logical-slots.ts';
import { names } from './names.ts';
import { aptLock, packageAvailability } from './packages.ts';
import { pgbackrestVersions } from './pgbackrest-versions.ts';
import { ports } from './ports.ts';
import { reachability } from './reachability.ts';
import { sshLimits } from './ssh.ts';
import { system } from './system.ts';

/** Every check of one host, in the order of the table. A new one is one line here. */
export function hostChecks(targets: readonly Target[]): Check[] {
  return [
    system,
    address,
    disk,
    foreign,
    foreignStopped,
    ports,
    packageAvailability,
    aptLock,
    sshLimits,
    names,
    logicalSlots,
    reachability(targets),
    fsyncLatency,
  ];
}

/**
 * Runs the checks on all hosts side by side; on one host they share a round trip.
 *
 * @param isThorough also those that are too slow for every `apply`.
 */
export async function runChecks(
  hosts: readonly { reader: Reader; target: Target }[],
  isThorough: boolean,
): Promise<CheckFinding[]> {
  const checks = hostChecks(hosts.map(({ target }) => target)).filter(
    (check) => isThorough || check.isThorough !== true,
  );
  const found = await Promise.all(
    hosts.map(async ({ reader, target }) => {
      const verdicts = await Promise.all(checks.map((check) => check.run(reader, target)));
      return verdicts.flat().map((verdict) => ({ host: target.host.name, ...verdict }));
    }),
  );
  const skews = hosts.map(({ target }) => ({ host: target.host.name, skewMs: target.facts.clockSkewMs }));
  return [...found.flat(), ...clockFindings(skews), ...(await pgbackrestVersions(hosts))];
}
