import { packageNeeds } from '../components/index.ts';
import type { PackageNeed, Target } from '../components/component.ts';
import { sh } from '../host/command.ts';
import type { Reader } from '../host/host.ts';
import { APT_LOCK_HOLDER } from '../resources/apt-lock.ts';
import { error, warning, type Check, type Verdict } from './check.ts';

/** What apt knows of one package. */
export interface Candidate {
  readonly installed: string | undefined;
  readonly candidate: string | undefined;
}

const UPDATE_HINT =
  'Run `apt-get update` on it, or add a repository that has it (Debian forky does, and so does the one of the PostgreSQL project).';

/** Every package is there or to be had, in a version that will do. */
export const packageAvailability: Check = {
  id: 'packages',
  title: 'Packages and their versions',
  run: async (reader, target) => {
    const [verdicts, lists] = await Promise.all([
      readPackageVerdicts(reader, target),
      reader.read(sh`find /var/lib/apt/lists -maxdepth 1 -name '*Packages*' | head -n 1`),
    ]);
    // On a machine fresh from its image apt knows of no package; `apply` fetches the lists before it installs.
    const isUntold = lists.stdout === '';
    return verdicts.filter(({ id }) => !isUntold || id !== 'package-missing');
  },
};

/** What is wrong with the packages that a host needs, by what its apt knows now. */
export async function readPackageVerdicts(reader: Reader, target: Target): Promise<Verdict[]> {
  const needs = packageNeeds(target);
  const policy = await reader.read(sh`LC_ALL=C apt-cache policy ${needs.map(({ name }) => name)}`);
  return packageVerdicts(needs, parsePolicy(policy.stdout));
}

/** apt is not in use by somebody else; our own installation that still runs counts, too. */
export const aptLock: Check = {
  id: 'apt-lock',
  title: 'apt is not in use',
  run: async (reader) => {
    const holder = await reader.read(sh`${{ script: APT_LOCK_HOLDER }}; apt_lock_holder`);
    if (holder.stdout === '') return [];
    const remedy = 'Wait for it to end; `apply` waits for two minutes. unattended-upgrades takes some minutes.';
    return [warning('apt-locked', `apt is in use by ${holder.stdout}`, remedy)];
  },
};

/** Reads `apt-cache policy`; pure. */
export function parsePolicy(output: string): Map<string, Candidate> {
  const candidates = new Map<string, Candidate>();
  for (const block of output.split(/\n(?=\S)/u)) {
    const [, name] = /^(\S+):\n/u.exec(block) ?? [];
    if (name === undefined) continue;
    const version = (key: string): string | undefined => {
      const [, value] = new RegExp(`^\\s+${key}: (\\S+)`, 'mu').exec(block) ?? [];
      return value === '(none)' ? undefined : value;
    };
    candidates.set(name, { installed: version('Installed'), candidate: version('Candidate') });
  }
  return candidates;
}

/** Which packages are missing or too old; pure. */
export function packageVerdicts(needs: readonly PackageNeed[], candidates: ReadonlyMap<string, Candidate>): Verdict[] {
  return needs.flatMap(({ name, floor }) => {
    const found = candidates.get(name);
    const version = found?.candidate ?? found?.installed;
    if (version === undefined) return [error('package-missing', `package ${name} is not available`, UPDATE_HINT)];
    if (floor === undefined || !isOlder(version, floor)) return [];
    return [error('package-too-old', `package ${name} is ${version}, pgscale needs ${floor}`, UPDATE_HINT)];
  });
}

/** Compares the upstream part of two Debian versions by their numbers; enough for floors like 4.1.4. */
export function isOlder(version: string, floor: string): boolean {
  const numbers = (text: string): number[] => (/^(?:\d+:)?([\d.]+)/u.exec(text)?.[1] ?? '0').split('.').map(Number);
  const [actual, wanted] = [numbers(version), numbers(floor)];
  for (const [index, want] of wanted.entries()) {
    const have = actual[index] ?? 0;
    if (have !== want) return have < want;
  }
  return false;
}
