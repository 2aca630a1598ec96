import type { EtcdStatus } from '../components/etcd/client.ts';
import type { Spec } from '../spec/schema.ts';
import { endpoint, hasProxy, hostsWithRole, type EndpointName } from '../spec/topology.ts';
import { archivePicture } from './archive.ts';
import { driftOf } from './drift.ts';
import { durability } from './durability.ts';
import { outages } from './outage.ts';
import { memberPictures, primariesOf, type Reports } from './members.ts';
import type {
  CertificatePicture,
  ClusterPicture,
  EndpointPicture,
  EtcdPicture,
  PoolerPicture,
  ProxyPicture,
} from './picture.ts';
import { problemsOf } from './problems.ts';
import { slotPictures, type SlotsByMember } from './slots.ts';

const DAY_MS = 86_400_000;
const ENDPOINTS: readonly EndpointName[] = ['primary', 'replica', 'pool'];

/** Puts together what the hosts said. Pure. */
export function assembleCluster(spec: Spec, reports: Reports, now: Date): ClusterPicture {
  const [primary] = primariesOf(reports);
  const proxies = proxyPictures(spec, reports);
  const poolers = poolerPictures(reports);
  const picture = {
    cluster: spec.cluster,
    at: now.toISOString(),
    leader: primary?.host ?? null,
    timeline: primary?.member?.timeline ?? null,
    isPaused: [...reports.values()].some((each) => each.patroni?.isPaused === true),
    durability: durability(primary?.member, spec.replication.synchronous),
    outages: outages(spec) ?? null,
    members: memberPictures(spec, reports),
    replication: primary?.member?.replication ?? [],
    etcd: etcdPictures(spec, reports),
    poolers,
    proxies,
    endpoints: ENDPOINTS.map((name) => endpointPicture(spec, reports, name, { proxies, poolers })),
    certificates: certificatePictures(reports, now),
    drift: driftOf(spec, reports),
    archive: archivePicture(spec, reports),
    slots: slotPictures(spec, primary?.host, slotsOf(reports)),
  };
  const problems = problemsOf(spec, reports, picture);
  return { ...picture, isDegraded: problems.some(({ severity }) => severity === 'degraded'), problems };
}

function slotsOf(reports: Reports): SlotsByMember {
  return new Map([...reports].flatMap(([host, { slots }]) => (slots === undefined ? [] : [[host, slots] as const])));
}

function etcdPictures(spec: Spec, reports: Reports): EtcdPicture[] {
  return hostsWithRole(spec, 'dcs').map(({ name }) => {
    const report = reports.get(name);
    const problem = report?.unreachable === undefined ? (report?.etcdProblem ?? null) : 'its host is not reachable';
    const isHealthy = report !== undefined && problem === null;
    return { host: name, isHealthy, problem, ...etcdOwn(report?.etcd) };
  });
}

function etcdOwn(status: EtcdStatus | undefined): Pick<EtcdPicture, 'isLeader' | 'version' | 'databaseBytes'> {
  if (status === undefined) return { isLeader: false, version: null, databaseBytes: null };
  return { isLeader: status.isLeader, version: status.version, databaseBytes: status.databaseBytes };
}

function poolerPictures(reports: Reports): PoolerPicture[] {
  return [...reports.values()].flatMap(({ host, poolers }) =>
    poolers.map(({ process, status }) => ({ host, process, isUp: status !== undefined, ...status })),
  );
}

function proxyPictures(spec: Spec, reports: Reports): ProxyPicture[] {
  const hosts = spec.hosts.filter(hasProxy);
  return hosts.map(({ name, roles }) => {
    const proxy = reports.get(name)?.proxy;
    return {
      host: name,
      isUp: proxy !== undefined,
      isEndpoint: roles.includes('proxy'),
      primary: proxy?.primary ?? [],
      replicas: proxy?.replicas ?? [],
      drained: proxy?.drained ?? [],
      sessions: proxy?.sessions ?? null,
    };
  });
}

/** An endpoint serves when somebody takes its connections and has a member to hand them to. */
function endpointPicture(
  spec: Spec,
  reports: Reports,
  name: EndpointName,
  doors: { proxies: readonly ProxyPicture[]; poolers: readonly PoolerPicture[] },
): EndpointPicture {
  const { hosts, port, vip } = endpoint(spec, name);
  const vipHolders =
    vip === undefined
      ? []
      : [...reports.values()].filter(({ addresses }) => addresses.includes(vip)).map(({ host }) => host);
  const canServe = (host: string): boolean => vip === undefined || vipHolders.includes(host);
  const behind = (proxy: ProxyPicture): readonly string[] => {
    if (name !== 'replica') return proxy.primary;
    const isFallback = proxy.replicas.length === 0 && spec.endpoints.replicaFallsBackToPrimary;
    return isFallback ? proxy.primary : proxy.replicas;
  };
  const takesConnections = ({ host, isEndpoint }: ProxyPicture): boolean =>
    name === 'pool' ? doors.poolers.some((each) => each.host === host && each.isUp) : isEndpoint;
  const serving = doors.proxies.filter((proxy) => canServe(proxy.host) && takesConnections(proxy));
  const members = [...new Set(serving.flatMap(behind))];
  return { name, hosts, port, vip: vip ?? null, vipHolders, isServing: members.length > 0, members };
}

function certificatePictures(reports: Reports, now: Date): CertificatePicture[] {
  return [...reports.values()].flatMap(({ host, certificateExpiresAt: expires }) =>
    expires === undefined
      ? []
      : {
          host,
          expiresAt: expires.toISOString(),
          daysLeft: Math.floor((expires.getTime() - now.getTime()) / DAY_MS),
        },
  );
}
