import type { Component, Target } from '../components/component.ts';
import { clusterResources, layers, packageNeeds } from '../components/index.ts';
import { readAppliedRecord } from '../cluster/applied.ts';
import { readMemberState, type MemberState } from '../cluster/member-state.ts';
import { readUnsettled } from '../cluster/unsettled.ts';
import { readStanzaState } from '../components/pgbackrest/client.ts';
import type { Host } from '../host/host.ts';
import { clusterMarker } from '../resources/cluster-marker.ts';
import { inspect, type Finding } from '../resources/converge.ts';
import { notice } from '../resources/notice.ts';
import { packages } from '../resources/packages.ts';
import type { Resource } from '../resources/resource.ts';
import { dataDirectory } from '../spec/topology.ts';
import { ARCHIVER } from '../sql/archiver.ts';
import { readRows } from '../sql/psql.ts';
import { readTargets, type ClusterSession } from './cluster-session.ts';
import { refuseFixedSettings } from './fixed-settings.ts';

/** What one layer of a host looks like: `base` is what comes before all components. */
export interface LayerSurvey {
  readonly component: Component | undefined;
  readonly resources: readonly Resource[];
  /** That the units which hear of the resources have heard of every change. */
  readonly notices: readonly Resource[];
  readonly findings: readonly Finding[];
}

/** One host as it is, beside what it should be. */
export interface HostSurvey {
  readonly target: Target;
  readonly host: Host;
  readonly layers: readonly LayerSurvey[];
  /** The PostgreSQL member, on database hosts. */
  readonly member: MemberState | undefined;
  /** What the last run left here; undefined when none came to its end. */
  readonly applied: string | undefined;
}

export interface Survey {
  readonly session: ClusterSession;
  readonly hosts: readonly HostSurvey[];
  /** The host that leads now, by Patroni; undefined when there is no leader (yet). */
  readonly primary: HostSurvey | undefined;
  readonly cluster: readonly Finding[];
  /** What the primary still lacks of its standbys; undefined when nothing, and where there is no primary. */
  readonly unsettled: string | undefined;
  /** Whether the repository of the spec has this cluster's archive, or WAL has gone there before. */
  readonly hasArchive: boolean;
}

/**
 * Reads all that `plan` and `apply` need: two round trips for a host, one more for the primary. Changes nothing.
 * @throws PgscaleError PGS_SETTING_FIXED when the spec is not for this cluster any more
 */
export async function surveyCluster(session: ClusterSession): Promise<Survey> {
  const targets = await readTargets(session);
  const hosts = await Promise.all(targets.map((target) => surveyHost(session.host(target.host.name), target)));
  refuseFixedSettings(session.spec, hosts);
  const primary = hosts.find((each) => each.member?.isLeader === true);
  if (primary === undefined)
    return { session, hosts, primary, cluster: absent(targets), unsettled: undefined, hasArchive: false };
  const [cluster, unsettled, hasArchive] = await Promise.all([
    inspect(primary.host, clusterResources(primary.target)),
    readUnsettled(primary.host, session.spec),
    readArchive(primary),
  ]);
  return { session, hosts, primary, cluster, unsettled, hasArchive };
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
  const [surveyed, member, applied] = await Promise.all([
    Promise.all(wanted.map((layer, index) => surveyLayer(host, layer, wanted.slice(index + 1)))),
    target.host.roles.includes('database') ? readMemberState(host, target) : undefined,
    readAppliedRecord(host),
  ]);
  return { target, host, layers: surveyed, member, applied };
}

type Layer = Pick<LayerSurvey, 'component' | 'resources'>;

/** What an interrupted run has left to be told counts as found once, in the last layer that has to do with the unit. */
async function surveyLayer(host: Host, { component, resources }: Layer, later: readonly Layer[]): Promise<LayerSurvey> {
  const units = unitsOf(resources);
  const unitsLater = unitsOf(later.flatMap((layer) => layer.resources));
  const leftHere = [...units].filter((unit) => !unitsLater.has(unit)).map(notice);
  const findings = await inspect(host, [...resources, ...leftHere]);
  return { component, resources, notices: [...units].map(notice), findings };
}

function unitsOf(resources: readonly Resource[]): Set<string> {
  return new Set(resources.flatMap(({ notifies = [] }) => notifies.map(({ unit }) => unit)));
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
