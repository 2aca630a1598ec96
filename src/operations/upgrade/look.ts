import { parsePolicy } from '../../checks/packages.ts';
import { COMPONENTS } from '../../components/index.ts';
import type { Target } from '../../components/component.ts';
import { sh } from '../../host/command.ts';
import type { Host, Reader } from '../../host/host.ts';
import { refreshPackageLists } from '../../resources/packages.ts';
import { dataDirectory } from '../../spec/topology.ts';
import { each } from '../../host/fleet.ts';
import { readTargets, type ClusterSession } from '../cluster-session.ts';
import { leaderOf, readMembers } from '../switchover/look.ts';
import type { HostPackages } from './plan.ts';
import { PROGRAM_PACKAGES, RESTARTS, SERVICES, type Service } from './services.ts';

/**
 * Has apt fetch its lists, then reads what is installed, what could be, and what still runs from before.
 * @throws PgscaleError PGS_NO_LEADER, and when a host does not answer or apt fails
 */
export async function lookBeforeUpgrade(session: ClusterSession): Promise<HostPackages[]> {
  const targets = await readTargets(session);
  const primary = leaderOf(await readMembers(session));
  return each(targets, (target) => readHost(session.host(target.host.name), target, primary));
}

async function readHost(host: Host, target: Target, primary: string): Promise<HostPackages> {
  await refreshPackageLists(host);
  const packages = packagesOf(target);
  const [policy, stale] = await Promise.all([
    host.read(sh`LC_ALL=C apt-cache policy ${[...packages.values()].flat()}`),
    readStale(host, target, [...packages.keys()]),
  ]);
  const { name, roles } = target.host;
  return {
    host: name,
    isMember: roles.includes('database'),
    isPrimary: name === primary,
    packages,
    versions: parsePolicy(policy.stdout),
    stale,
  };
}

/** What of ours runs on a host, with the packages that it needs. */
function packagesOf(target: Target): Map<Service, string[]> {
  const running = COMPONENTS.filter((component) => component.runsOn(target.host));
  return new Map(
    SERVICES.flatMap((service) => {
      const needs = running.find(({ name }) => name === service)?.packages(target) ?? [];
      return needs.length === 0 ? [] : [[service, needs.map(({ name }) => name)] as const];
    }),
  );
}

/**
 * Services that run a program which dpkg has replaced since: by the kernel's word for a file that is gone, and for Patroni
 * (a script of Python, whose program stays) by the time of its package's files.
 */
async function readStale(reader: Reader, target: Target, services: readonly Service[]): Promise<Set<Service>> {
  const looks = services.map((service) => {
    const pid =
      service === 'postgres'
        ? sh`head -n 1 ${`${dataDirectory(target.spec)}/postmaster.pid`} 2>/dev/null`
        : sh`systemctl show -P MainPID ${RESTARTS[service].unit} | grep -m 1 .`;
    const list = `/var/lib/dpkg/info/${PROGRAM_PACKAGES[service]}.list`;
    const isOlder =
      service === 'patroni'
        ? sh`[ $(($(date +%s) - $(ps -o etimes= -p "$pid"))) -lt $(stat -c %Y ${list}) ]`
        : sh`false`;
    return sh`pid=$(${pid}); if [ "$pid" -gt 0 ] 2>/dev/null && [ -e "/proc/$pid" ]; then
  case $(readlink "/proc/$pid/exe") in *' (deleted)') echo ${service} ;; *) if ${isOlder}; then echo ${service}; fi ;; esac
fi`.script;
  });
  const answer = await reader.read({ script: looks.join('\n') });
  return new Set(services.filter((service) => answer.stdout.split('\n').includes(service)));
}
