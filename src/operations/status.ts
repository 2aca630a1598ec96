import { assembleCluster } from '../cluster/assemble.ts';
import { readHostReport, unreachableReport, type HostReport } from '../cluster/host-report.ts';
import type { ClusterPicture } from '../cluster/picture.ts';
import { normalise } from '../errors/normalise.ts';
import type { HostSpec } from '../spec/schema.ts';
import { connectedDatabaseHosts, type ClusterSession } from './cluster-session.ts';

/**
 * The cluster as it is now, out of one round trip to each host. Hosts that do not answer are part of the picture.
 * The session must tolerate failures.
 */
export async function readStatus(session: ClusterSession, now = new Date()): Promise<ClusterPicture> {
  const [asked] = connectedDatabaseHosts(session);
  const read = async (isAsked: (host: HostSpec) => boolean): Promise<Map<string, HostReport>> => {
    const reports = session.spec.hosts.map((host) => reportOf(session, host, isAsked(host)));
    return new Map((await Promise.all(reports)).map((report) => [report.host, report]));
  };
  const reports = await read(({ name }) => name === asked?.name);
  // What one host cannot reach, another may.
  const isAnswered = hasMembers(reports) && (session.spec.backup === undefined || hasRepository(reports));
  return assembleCluster(session.spec, isAnswered ? reports : await read(() => true), now);
}

function hasMembers(reports: ReadonlyMap<string, HostReport>): boolean {
  return [...reports.values()].some(({ patroni }) => patroni !== undefined && patroni.members.length > 0);
}

function hasRepository(reports: ReadonlyMap<string, HostReport>): boolean {
  return [...reports.values()].some(({ archive }) => archive?.repository?.isThere === true);
}

async function reportOf(session: ClusterSession, host: HostSpec, isAsked: boolean): Promise<HostReport> {
  const connected = session.fleet.hosts.get(host.name);
  if (connected === undefined) {
    const failure = session.fleet.failures.find((each) => each.host === host.name);
    return unreachableReport(host.name, failure?.message ?? 'does not answer');
  }
  return readHostReport(connected, session.spec, host, isAsked).catch((error: unknown) => {
    const [first] = normalise(error, '');
    return unreachableReport(host.name, first.message);
  });
}
