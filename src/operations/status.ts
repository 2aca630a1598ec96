import { assembleCluster } from '../cluster/assemble.ts';
import { readHostReport, unreachableReport, type HostReport } from '../cluster/host-report.ts';
import type { ClusterPicture } from '../cluster/picture.ts';
import { missingIn, withMissing } from '../cluster/shared-report.ts';
import { normalise } from '../errors/normalise.ts';
import type { HostSpec } from '../spec/schema.ts';
import { connectedDatabaseHosts, type ClusterSession } from './cluster-session.ts';

/**
 * The cluster as it is now, out of one round trip to each host. Hosts that do not answer are part of the picture.
 * The session must tolerate failures.
 */
export async function readStatus(session: ClusterSession, now = new Date()): Promise<ClusterPicture> {
  const { spec } = session;
  const [asked] = connectedDatabaseHosts(session);
  const reports = await Promise.all(spec.hosts.map((host) => reportOf(session, host, host.name === asked?.name)));
  const completed = await fromOthers(session, reports, asked?.name);
  return assembleCluster(spec, new Map(completed.map((report) => [report.host, report])), now);
}

/** Asks the other hosts for what the first one could not tell, and for nothing else. */
async function fromOthers(
  session: ClusterSession,
  reports: readonly HostReport[],
  asked: string | undefined,
): Promise<readonly HostReport[]> {
  const { spec, fleet } = session;
  const missing = missingIn(spec, reports);
  if (!missing.members && !missing.repository) return reports;
  return Promise.all(
    reports.map(async (report) => {
      const host = spec.hosts.find(({ name }) => name === report.host);
      const reader = fleet.hosts.get(report.host);
      const isAsked = report.host === asked || report.unreachable !== undefined;
      if (host === undefined || reader === undefined || isAsked) return report;
      return withMissing(report, reader, { spec, host }, missing).catch(() => report);
    }),
  );
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
