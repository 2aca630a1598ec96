import { assembleCluster } from '../cluster/assemble.ts';
import { readHostReport, unreachableReport, type HostReport } from '../cluster/host-report.ts';
import type { ClusterPicture } from '../cluster/picture.ts';
import { normalise } from '../errors/normalise.ts';
import { withDeadline } from '../run/deadline.ts';
import type { HostSpec } from '../spec/schema.ts';
import type { ClusterSession } from './cluster-session.ts';
import { planFrom, type Plan } from './plan.ts';
import { surveyCluster } from './survey.ts';

/** A host that is slow must not hold up the picture of the others. */
const DRIFT_MS = 10_000;

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
  /** null: could not be found out, and `unknown` says why. */
  readonly changeCount: number | null;
  readonly hosts: readonly { readonly host: string; readonly changes: readonly string[] }[];
  readonly unknown: string | null;
}

/** The picture, and what differs from the spec when that was asked for. */
export type ClusterStatus = ClusterPicture & { readonly drift: Drift | null };

/** Both at the same time. What differs never holds up the picture, nor makes it fail. */
export async function readClusterStatus(
  session: ClusterSession,
  { withDrift }: { withDrift: boolean },
): Promise<ClusterStatus> {
  const [picture, drift] = await Promise.all([readStatus(session), withDrift ? readDrift(session) : null]);
  return { ...picture, drift };
}

/** Compares the hosts that answer with the spec. Costs two more round trips for each. */
async function readDrift(session: ClusterSession): Promise<Drift> {
  const survey = withDeadline('the comparison with the spec', DRIFT_MS, new AbortController().signal, () =>
    surveyCluster(session),
  );
  try {
    const found = await survey;
    return found.primary === undefined ? unknownDrift('no member leads') : driftFrom(planFrom(found));
  } catch (error) {
    const [{ message }] = normalise(error, '');
    return unknownDrift(message);
  }
}

function unknownDrift(why: string): Drift {
  return { changeCount: null, hosts: [], unknown: why };
}

function driftFrom({ changeCount, hosts, clusterChanges }: Plan): Drift {
  const summaries = (changes: readonly { summary: string }[]): string[] => changes.map(({ summary }) => summary);
  const all = [
    ...hosts.map(({ host, changes }) => ({ host, changes: summaries(changes) })),
    { host: 'cluster', changes: summaries(clusterChanges) },
  ];
  return { changeCount, hosts: all.filter(({ changes }) => changes.length > 0), unknown: null };
}
