import type { Candidate } from '../../checks/packages.ts';
import { SERVICES, type Service } from './services.ts';

/** What was found on one host. */
export interface HostPackages {
  readonly host: string;
  readonly isMember: boolean;
  readonly isPrimary: boolean;
  /** The packages that each service asks for. */
  readonly packages: ReadonlyMap<Service, readonly string[]>;
  readonly versions: ReadonlyMap<string, Candidate>;
  /** Services that run on from before their package was installed. */
  readonly stale: ReadonlySet<Service>;
}

export interface PackageChange {
  readonly name: string;
  readonly from: string;
  readonly to: string;
}

/** What happens on one host. */
export interface HostUpgrade {
  readonly host: string;
  readonly isPrimary: boolean;
  readonly packages: readonly PackageChange[];
  readonly restarts: readonly Service[];
}

export interface UpgradePlan {
  /** In the order in which they are done; hosts without a change are left out. */
  readonly hosts: readonly HostUpgrade[];
  /** The primary moves to an upgraded member before its own turn. */
  readonly hasSwitchover: boolean;
}

/**
 * Hosts without a member first, then the standbys, the primary last. A service restarts when a package of its component
 * changes, or when an earlier run changed it and was cut off. Pure.
 */
export function upgradePlan(found: readonly HostPackages[]): UpgradePlan {
  const rank = ({ isMember, isPrimary }: HostPackages): number => Number(isMember) + Number(isPrimary);
  const hosts = found
    .toSorted((a, b) => rank(a) - rank(b))
    .map(hostUpgrade)
    .filter(({ packages, restarts }) => packages.length > 0 || restarts.length > 0);
  const restartsPrimary = hosts.some(({ isPrimary, restarts }) => isPrimary && restarts.includes('postgres'));
  return { hosts, hasSwitchover: restartsPrimary && found.filter(({ isMember }) => isMember).length > 1 };
}

function hostUpgrade({ host, isPrimary, packages, versions, stale }: HostPackages): HostUpgrade {
  const changed = (service: Service): PackageChange[] =>
    (packages.get(service) ?? []).flatMap((name) => {
      const { installed, candidate } = versions.get(name) ?? {};
      if (installed === undefined || candidate === undefined || installed === candidate) return [];
      return [{ name, from: installed, to: candidate }];
    });
  return {
    host,
    isPrimary,
    packages: SERVICES.flatMap(changed),
    restarts: SERVICES.filter((service) => stale.has(service) || changed(service).length > 0),
  };
}

/** What users notice of it; empty when nothing. Pure. */
export function interruptions({ hosts, hasSwitchover }: UpgradePlan): string[] {
  return hosts.flatMap(({ host, isPrimary, restarts }) => [
    ...(restarts.includes('postgres') && !(isPrimary && !hasSwitchover) ? [`sessions on ${host} itself end`] : []),
    ...(restarts.includes('postgres') && isPrimary && !hasSwitchover ? ['writes stop while the primary restarts'] : []),
    ...(restarts.includes('pgbouncer')
      ? [`clients of the pool on ${host} are disconnected after their transaction`]
      : []),
    ...(restarts.includes('keepalived') ? [`the VIPs of ${host} move`] : []),
  ]);
}
