import { parsePolicy } from '../../checks/packages.ts';
import { COMPONENTS } from '../../components/index.ts';
import type { Target } from '../../components/component.ts';
import { sh } from '../../host/command.ts';
import type { Host, Reader } from '../../host/host.ts';
import { refreshPackageLists } from '../../resources/packages.ts';
import { AGENT, ETCD, HAPROXY, KEEPALIVED, PATRONI } from '../../spec/layout.ts';
import { dataDirectory } from '../../spec/topology.ts';
import { each } from '../../host/fleet.ts';
import { readTargets, type ClusterSession } from '../cluster-session.ts';
import { leaderOf, readMembers } from '../switchover/look.ts';
import type { HostPackages, Service } from './plan.ts';

/** The package whose program each service runs. */
const PROGRAM: Readonly<Record<Service, string>> = {
  etcd: 'etcd-server',
  patroni: 'patroni',
  postgres: 'postgresql-18',
  pgbouncer: 'pgbouncer',
  haproxy: 'haproxy',
  keepalived: 'keepalived',
  agent: 'nodejs',
};

const UNITS: Readonly<Partial<Record<Service, string>>> = {
  etcd: ETCD.unit,
  patroni: PATRONI.unit,
  haproxy: HAPROXY.unit,
  keepalived: KEEPALIVED.unit,
  agent: AGENT.guardUnit,
  pgbouncer: 'pgscale-pgbouncer@1.service',
};

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
  const packages = new Map(
    COMPONENTS.filter((component) => component.runsOn(target.host)).map((component) => [
      component.name,
      component.packages(target).map(({ name }) => name),
    ]),
  );
  const services = (Object.keys(PROGRAM) as Service[]).filter((name) => (packages.get(name) ?? []).length > 0);
  const names = services.flatMap((name) => packages.get(name) ?? []);
  const [policy, stale] = await Promise.all([
    host.read(sh`LC_ALL=C apt-cache policy ${names}`),
    readStale(host, target, services),
  ]);
  const { name, roles } = target.host;
  return {
    host: name,
    isMember: roles.includes('database'),
    isPrimary: name === primary,
    packages: new Map([...packages].filter(([component]) => (services as string[]).includes(component))),
    versions: parsePolicy(policy.stdout),
    stale,
  };
}

/**
 * Services that run a program which dpkg has replaced since: by the kernel's word for a file that is gone, and for Patroni
 * (a script of Python, whose program stays) by the time of its package's files.
 */
async function readStale(reader: Reader, target: Target, services: readonly Service[]): Promise<Set<Service>> {
  const looks = services.map((service) => {
    const unit = UNITS[service];
    const pid =
      unit === undefined
        ? sh`head -n 1 ${`${dataDirectory(target.spec)}/postmaster.pid`} 2>/dev/null`
        : sh`systemctl show -p MainPID --value ${unit}`;
    const list = `/var/lib/dpkg/info/${PROGRAM[service]}.list`;
    const byTime =
      service === 'patroni'
        ? sh`[ $(($(date +%s) - $(ps -o etimes= -p "$pid"))) -lt $(stat -c %Y ${list}) ]`
        : sh`false`;
    return sh`pid=$(${pid}); if [ "$pid" -gt 0 ] 2>/dev/null && [ -e "/proc/$pid" ]; then
  case $(readlink "/proc/$pid/exe") in *' (deleted)') echo ${service} ;; *) if ${byTime}; then echo ${service}; fi ;; esac
fi`.script;
  });
  const answer = await reader.read({ script: looks.join('\n') });
  return new Set(services.filter((service) => answer.stdout.split('\n').includes(service)));
}
