import type { Component, Target } from '../components/component.ts';
import { clusterResources, layers, packageNeeds } from '../components/index.ts';
import { readMemberState, type MemberState } from '../cluster/member-state.ts';
import { readStanzaState } from '../components/pgbackrest/client.ts';
import type { Host } from '../host/host.ts';
import { clusterMarker } from '../resources/cluster-marker.ts';
import { inspect, type Finding } from '../resources/converge.ts';
import { packages } from '../resources/packages.ts';
import type { Resource } from '../resources/resource.ts';
import { dataDirectory } from '../spec/topology.ts';
import { ARCHIVER } from '../sql/archiver.ts';
import { readRows } from '../sql/psql.ts';
import { readTargets, type ClusterSession } from './cluster-session.ts';

/** What one layer of a host looks like: `base` is what comes before all components. */
export interface LayerSurvey {
  readonly component: Component | undefined;
  readonly resources: readonly Resource[];
  readonly findings: readonly Finding[];
}

/** One host as it is, beside what it should be. */
export interface HostSurvey {
  readonly target: Target;
  readonly host: Host;
  readonly layers: readonly LayerSurvey[];
  /** The PostgreSQL member, on database hosts. */
  readonly member: MemberState | undefined;
}

export interface Survey {
  readonly session: ClusterSession;
  readonly hosts: readonly HostSurvey[];
  /** The host that leads now, by Patroni; undefined when there is no leader (yet). */
  readonly primary: HostSurvey | undefined;
  readonly cluster: readonly Finding[];
  /** Whether the repository of the spec has this cluster's archive, or WAL has gone there before. */
  readonly hasArchive: boolean;
}

/** Reads all that `plan` and `apply` need: two round trips for a host, one more for the primary. Changes nothing. */
export async function surveyCluster(session: ClusterSession): Promise<Survey> {
  const targets = await readTargets(session);
  const hosts = await Promise.all(targets.map((target) => surveyHost(session.host(target.host.name), target)));
  const primary = hosts.find((each) => each.member?.isLeader === true);
  const [cluster, hasArchive] = await Promise.all([
    primary === undefined ? absent(targets) : inspect(primary.host, clusterResources(primary.target)),
    primary !== undefined && readArchive(primary),
  ]);
  return { session, hosts, primary, cluster, hasArchive };
}

/** A repository that is away now counts as in use when the primary has archived before. */
async function readArchive({ host, target: { spec } }: HostSurvey): Promise<boolean> {
  if (spec.backup === undefined) return false;
  const [state, archiver] = await Promise.all([
    readStanzaState(host, spec.cluster),
    readRows(host, { port: spec.postgres.port, name: 'postgres' }, ARCHIVER),
  ]);
  return state === 'there' || (state === 'away' && typeof archiver?.[0]?.lastArchivedAt === 'string');
}

async function surveyHost(host: Host, target: Target): Promise<HostSurvey> {
  const wanted = [{ component: undefined, resources: baseResources(target) }, ...layers(target)];
  const [surveyed, member] = await Promise.all([
    Promise.all(wanted.map(async (layer) => ({ ...layer, findings: await inspect(host, layer.resources) }))),
    target.host.roles.includes('database') ? readMemberState(host, target) : undefined,
  ]);
  return { target, host, layers: surveyed, member };
}

/** What comes before the components: the marker, and all packages in one go. */
export function baseResources(target: Target): Resource[] {
  return [clusterMarker(target.spec.cluster, dataDirectory(target.spec)), packages(packageNeeds(target))];
}

/** Before there is a primary, all that the cluster as a whole should have is still to be made. */
function absent(targets: readonly Target[]): Finding[] {
  const [target] = targets;
  if (target === undefined) return [];
  return clusterResources(target).map((each) => ({
    resource: each,
    actual: undefined,
    change: each.diff(undefined),
    foreign: undefined,
  }));
}
