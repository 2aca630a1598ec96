import { createHash } from 'node:crypto';

import { outages, type Outages } from '../cluster/outage.ts';
import type { Finding } from '../resources/converge.ts';
import { mergeNotifications } from '../resources/notice.ts';
import type { Change, Notification } from '../resources/resource.ts';
import type { Stage } from '../run/step.ts';
import { applyStages, type StageOptions } from './apply/stages.ts';
import type { HostSurvey, Survey } from './survey.ts';

export interface PlannedChange extends Change {
  readonly component: string;
  readonly id: string;
}

export interface HostPlan {
  readonly host: string;
  readonly changes: readonly PlannedChange[];
  /** Units that hear of the changes. */
  readonly units: readonly Notification[];
  /** What pgscale refuses to touch. Such a plan cannot be applied. */
  readonly foreign: readonly string[];
}

export interface PlannedStep {
  readonly stage: string;
  readonly title: string;
  readonly interruption?: string;
}

/** What `apply` would do now, and nothing else. */
export interface Plan {
  readonly cluster: string;
  /** Of the spec, the secrets and what was found: another digest means another plan. */
  readonly digest: string;
  readonly changeCount: number;
  /** What a failure of the primary costs once this is applied; null where no standby could take over. */
  readonly outages: Outages | null;
  readonly hosts: readonly HostPlan[];
  readonly clusterChanges: readonly PlannedChange[];
  readonly steps: readonly PlannedStep[];
  /** What the primary lacks of its standbys, for which `apply` waits; null when nothing. */
  readonly unsettled: string | null;
  readonly roundTrips: Readonly<Record<string, number>>;
}

/** Makes the plan out of a survey. Pure. */
export function planFrom(survey: Survey, options: StageOptions = {}): Plan {
  const hosts = survey.hosts.map(hostPlan);
  const clusterChanges = survey.cluster.flatMap((finding) => plannedChange('cluster', finding));
  const steps = applyStages(survey, options).flatMap(plannedSteps);
  const changeCount = hosts.reduce((sum, host) => sum + host.changes.length, clusterChanges.length);
  return {
    cluster: survey.session.spec.cluster,
    digest: digest(survey, steps),
    changeCount: changeCount === 0 ? steps.length : changeCount,
    outages: outages(survey.session.spec) ?? null,
    hosts,
    clusterChanges,
    steps,
    unsettled: survey.unsettled ?? null,
    roundTrips: Object.fromEntries(survey.hosts.map(({ host }) => [host.name, host.roundTrips])),
  };
}

function hostPlan(survey: HostSurvey): HostPlan {
  const findings = survey.layers.flatMap(({ component, findings: found }) =>
    found.map((finding) => ({ component: component?.name ?? 'base', finding })),
  );
  const differing = findings.filter(({ finding }) => finding.change !== undefined);
  return {
    host: survey.target.host.name,
    changes: differing.flatMap(({ component, finding }) => plannedChange(component, finding)),
    units: mergeNotifications(differing.flatMap(({ finding }) => finding.resource.notifies ?? [])),
    foreign: differing.flatMap(({ finding }) => finding.foreign ?? []),
  };
}

function plannedChange(component: string, finding: Finding): PlannedChange[] {
  return finding.change === undefined ? [] : [{ component, id: finding.resource.id, ...finding.change }];
}

function plannedSteps(stage: Stage): PlannedStep[] {
  return stage.steps.map(({ title, interruption }) => ({
    stage: stage.title,
    title,
    ...(interruption === undefined ? {} : { interruption }),
  }));
}

/** Only what would change counts as found, so that a log that grows does not make a plan stale. */
function digest(survey: Survey, steps: readonly PlannedStep[]): string {
  const { spec, secrets } = survey.session;
  const findings = [
    ...survey.hosts.flatMap((host) => host.layers.flatMap((layer) => layer.findings)),
    ...survey.cluster,
  ];
  const found = findings
    .filter((each) => each.change !== undefined)
    .map((each) => [each.resource.id, each.actual, each.change]);
  return createHash('sha256')
    .update(JSON.stringify([spec, secrets, found, steps]))
    .digest('hex');
}
