import type { HostRole, HostSpec, Spec, SpecInput } from './schema.ts';

/** Fills in what is left open and depends on the hosts: their roles, zones, addresses for SSH; synchronous standbys. */
export function resolveHosts(input: SpecInput): Spec {
  const dcsCount = input.hosts.length >= 3 ? 3 : 1;
  const hosts = input.hosts.map((host, index): HostSpec => {
    const defaults: HostRole[] = index < dcsCount ? ['database', 'dcs', 'proxy'] : ['database', 'proxy'];
    return {
      name: host.name,
      address: host.address,
      sshAddress: host.sshAddress ?? host.address,
      zone: host.zone ?? 'default',
      roles: host.roles ?? defaults,
    };
  });
  const standbys = hosts.filter((host) => host.roles.includes('database')).length - 1;
  const synchronous = input.replication.synchronous ?? (standbys > 0 ? 1 : 0);
  return { ...input, hosts, replication: { ...input.replication, synchronous } };
}

/** The hosts with a role, in the order of the spec. */
export function hostsWithRole(spec: Spec, role: HostRole): HostSpec[] {
  return spec.hosts.filter((host) => host.roles.includes(role));
}

/** HAProxy runs where endpoints are served and beside poolers, which come to the primary through it. */
export function hasProxy({ roles }: Pick<HostSpec, 'roles'>): boolean {
  return roles.includes('proxy') || roles.includes('database');
}

/**
 * The dcs hosts in the order in which a client of etcd on this host tries them: its own, then those of its zone, then the others,
 * and each host begins elsewhere among equals. A Patroni that hangs on the etcd of a lost host follows the new primary
 * only after 14–20 s.
 */
export function etcdHosts(spec: Spec, host: HostSpec): HostSpec[] {
  const all = hostsWithRole(spec, 'dcs');
  const start = spec.hosts.findIndex(({ name }) => name === host.name) % Math.max(1, all.length);
  const rotated = [...all.slice(start), ...all.slice(0, start)];
  const distance = (each: HostSpec): number => {
    if (each.name === host.name) return 0;
    return each.zone === host.zone ? 1 : 2;
  };
  return rotated.toSorted((a, b) => distance(a) - distance(b));
}

/** The host on which a new cluster is initialised: the first database host of the spec. */
export function bootstrapHost(spec: Spec): HostSpec {
  const [first] = hostsWithRole(spec, 'database');
  if (first === undefined) throw new Error('a spec without a database host passed validation');
  return first;
}

/** The data directory on every database host. */
export function dataDirectory(spec: Spec): string {
  return spec.postgres.dataDirectory ?? `/var/lib/postgresql/${spec.postgres.version}/${spec.cluster}`;
}

/** Whether a backup may have to be taken from another host than the one that makes it. */
export function needsBackupServer(spec: Spec): boolean {
  return spec.backup !== undefined && hostsWithRole(spec, 'database').length > 1;
}

export type EndpointName = 'primary' | 'replica' | 'pool';

/** Where clients find an endpoint: several hosts when there is no VIP and no name. */
export interface Endpoint {
  readonly name: EndpointName;
  readonly hosts: readonly string[];
  readonly port: number;
  readonly vip: string | undefined;
}

/** Default ports: a VIP leaves 5432 free for HAProxy; on a shared address PostgreSQL itself has it. */
const DEFAULT_PORTS = { primary: [5432, 5000], replica: [5432, 5001], pool: [6432, 6432] } as const;

/** The endpoint as clients see it. */
export function endpoint(spec: Spec, name: EndpointName): Endpoint {
  const { host, port, vip } = spec.endpoints[name];
  const role = name === 'pool' ? 'database' : 'proxy';
  const [withVip, without] = DEFAULT_PORTS[name];
  const addresses = hostsWithRole(spec, role).map((each) => each.address);
  const single = host ?? vip;
  return {
    name,
    hosts: single === undefined ? addresses : [single],
    port: port ?? (vip === undefined ? without : withVip),
    vip,
  };
}

/**
 * Every name and address under which a host may be asked for its certificate. HAProxy passes TLS through, so that behind
 * any proxy any member may have to prove that it is that proxy; a pooler only answers for itself.
 */
export function certificateNames(spec: Spec, host: HostSpec): string[] {
  const own = [host.name, host.address, host.sshAddress, 'localhost', '127.0.0.1'];
  if (!host.roles.includes('database')) return [...new Set(own)];
  const proxies = (['primary', 'replica'] as const).flatMap((name) => placesOf(endpoint(spec, name)));
  const pool = endpoint(spec, 'pool');
  const poolers = pool.hosts.length === 1 ? placesOf(pool) : [];
  return [...new Set([...own, ...proxies, ...poolers])];
}

function placesOf({ hosts, vip }: Endpoint): string[] {
  return [...hosts, ...(vip === undefined ? [] : [vip])];
}
