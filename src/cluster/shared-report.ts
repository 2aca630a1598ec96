import { readCluster } from '../components/patroni/client.ts';
import type { Reader } from '../host/host.ts';
import type { HostSpec, Spec } from '../spec/schema.ts';
import { readSharedRepository } from './archive-report.ts';
import type { HostReport } from './host-report.ts';
import { sharedMembers } from './patroni-view.ts';

/** What is the same from all hosts, so that one is asked for it: which of it that one could not tell. */
export interface Missing {
  readonly members: boolean;
  readonly repository: boolean;
}

/** Pure. */
export function missingIn(spec: Spec, reports: readonly HostReport[]): Missing {
  return {
    members: reports.every(({ patroni }) => patroni === undefined || patroni.members.length === 0),
    repository: spec.backup !== undefined && reports.every(({ archive }) => archive?.repository?.isThere !== true),
  };
}

/** The report of another host with what is missing: what one host cannot reach, another may. Changes nothing. */
export async function withMissing(
  report: HostReport,
  reader: Reader,
  { spec, host }: { spec: Spec; host: HostSpec },
  missing: Missing,
): Promise<HostReport> {
  const { patroni, archive } = report;
  const [cluster, repository] = await Promise.all([
    missing.members && patroni !== undefined ? readCluster(reader, { spec, host }) : undefined,
    missing.repository && archive !== undefined ? readSharedRepository(reader, spec) : undefined,
  ]);
  return {
    ...report,
    ...(patroni !== undefined && cluster !== undefined && { patroni: { ...patroni, members: sharedMembers(cluster) } }),
    ...(archive !== undefined && repository !== undefined && { archive: { ...archive, repository } }),
  };
}
