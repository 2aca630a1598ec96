import { assembleCluster } from '../cluster/assemble.ts';
import { readHostReport, unreachableReport, type HostReport } from '../cluster/host-report.ts';
import type { ClusterPicture } from '../cluster/picture.ts';
import { normalise } from '../errors/normalise.ts';
import type { HostSpec } from '../spec/schema.ts';
import type { ClusterSession } from './cluster-session.ts';
import { planFrom } from './plan.ts';
import { surveyCluster } from './survey.ts';

/**
 * The cluster as it is now, out of one round trip to each host. Hosts that do not answer are part of the picture.
 * The session must tolerate failures.
 */
export async function readStatus(session: ClusterSession, now = new Date()): Promise<ClusterPicture> {
  const reports = await Promise.all(session.spec.hosts.map((host) => reportOf(session, host)));
  return assembleCluster(session.spec, new Map(reports.map((report) => [report.host, report])), now);
}

async function reportOf(session: ClusterSession, host: HostSpec): Promise<HostReport> {
  const connected = session.fleet.hosts.get(host.name);
  if (connected === undefined) {
    const failure = session.fleet.failures.find((each) => each.host === host.name);
    return unreachableReport(host.name, failure?.message ?? 'does not answer');
  }
  return readHostReport(connected, session.spec, host).catch((error: unknown) => {
    const [first] = normalise(error, '');
    return unreachableReport(host.name, first.message);
  });
}

/** What differs from the spec: how much `plan` would change on each host that answers. */
export interface Drift {
  readonly changeCount: number;
  readonly hosts: readonly { readonly host: string; readonly changes: readonly string[] }[];
}

/** Compares the hosts that answer with the spec. Costs two more round trips for each. */
export async function readDrift(session: ClusterSession): Promise<Drift> {
  const { changeCount, hosts, clusterChanges } = planFrom(await surveyCluster(session));
  const summaries = (changes: readonly { summary: string }[]): string[] => changes.map(({ summary }) => summary);
  return {
    changeCount,
    hosts: [
      ...hosts.map(({ host, changes }) => ({ host, changes: summaries(changes) })),
      { host: 'cluster', changes: summaries(clusterChanges) },
    ].filter(({ changes }) => changes.length > 0),
  };
}
