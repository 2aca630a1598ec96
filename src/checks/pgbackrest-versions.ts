import type { Target } from '../components/component.ts';
import { cmd } from '../host/command.ts';
import type { Reader } from '../host/host.ts';
import { error, type CheckFinding } from './check.ts';
import { parsePolicy } from './packages.ts';

const REMEDY = 'Install the same version everywhere: `apt-get install pgbackrest=VERSION` on the host that differs.';

/** pgBackRest speaks to other hosts in its own version only: every database host has, or will get, the same one. */
export async function pgbackrestVersions(
  hosts: readonly { reader: Reader; target: Target }[],
): Promise<CheckFinding[]> {
  const concerned = hosts.filter(
    ({ target: { spec, host } }) => spec.backup !== undefined && host.roles.includes('database'),
  );
  const versions = await Promise.all(
    concerned.map(async ({ reader, target }) => {
      const answer = await reader.read(cmd('env', 'LC_ALL=C', 'apt-cache', 'policy', 'pgbackrest'));
      const found = parsePolicy(answer.stdout).get('pgbackrest');
      return { host: target.host.name, version: found?.installed ?? found?.candidate };
    }),
  );
  return versionFindings(versions);
}

/** Names the hosts that have another version than most; pure. */
export function versionFindings(
  versions: readonly { readonly host: string; readonly version: string | undefined }[],
): CheckFinding[] {
  const known = versions.flatMap(({ version }) => version ?? []);
  const count = (version: string | undefined): number => known.filter((each) => each === version).length;
  const [common] = known.toSorted((a, b) => count(b) - count(a));
  return versions
    .filter(({ version }) => version !== undefined && version !== common)
    .map(({ host, version }) => ({
      host,
      ...error('pgbackrest-version', `has pgBackRest ${version}, the others ${common}`, REMEDY),
    }));
}
