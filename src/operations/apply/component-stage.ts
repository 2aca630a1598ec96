import type { Component, Target } from '../../components/component.ts';
import type { Host } from '../../host/host.ts';
import { converge } from '../../resources/converge.ts';
import { leaveNotices, mergeNotifications } from '../../resources/notice.ts';
import type { Report, Stage, Step } from '../../run/step.ts';
import type { HostSurvey, LayerSurvey, Survey } from '../survey.ts';

const PACKAGES_DEADLINE_MS = 25 * 60_000;
const COMPONENT_DEADLINE_MS = 5 * 60_000;

/** Puts the packages of all components on every host that lacks one, side by side. */
export function packageStage(survey: Survey): Stage {
  const steps = survey.hosts.flatMap((host) => layerSteps(host, undefined, 'packages', PACKAGES_DEADLINE_MS));
  return { title: 'Packages', steps };
}

/** Makes one component what it should be on every host where it differs; more stages than one where some have to wait. */
export function componentStages(survey: Survey, component: Component): Stage[] {
  const { title, name, rollout } = component;
  const stepsOn = (hosts: readonly HostSurvey[]): Step[] =>
    hosts.flatMap((host) => layerSteps(host, component, name, COMPONENT_DEADLINE_MS));
  if (survey.primary === undefined || rollout !== 'newcomers-last') {
    return [{ title, steps: stepsOn(survey.hosts), serial: survey.primary !== undefined && rollout === 'serial' }];
  }
  const newcomers = survey.hosts.filter((host) => startsService(host, component));
  return [
    { title, steps: stepsOn(survey.hosts.filter((host) => !newcomers.includes(host))) },
    { title, steps: stepsOn(newcomers) },
  ];
}

function startsService({ layers }: HostSurvey, component: Component): boolean {
  const findings = layers.filter((layer) => layer.component === component).flatMap((layer) => layer.findings);
  return findings.some(({ resource, change }) => resource.id.startsWith('service:') && change !== undefined);
}

function layerSteps(survey: HostSurvey, component: Component | undefined, name: string, deadlineMs: number): Step[] {
  const { host, target } = survey;
  return survey.layers
    .filter((layer) => layer.component === component && layer.findings.some((finding) => finding.change !== undefined))
    .map((layer) => {
      const interruption = layer.findings
        .map((finding) => finding.change?.interruption)
        .find((each) => each !== undefined);
      return {
        id: `${name}:${host.name}`,
        title: `${component?.title ?? 'Packages'} on ${host.name}`,
        host: host.name,
        deadlineMs,
        ...(interruption === undefined ? {} : { interruption }),
        run: (report: Report, signal: AbortSignal) => convergeLayer({ host, target, layer }, report, signal),
      };
    });
}

interface Place {
  host: Host;
  target: Target;
  layer: LayerSurvey;
}

async function convergeLayer({ host, target, layer }: Place, report: Report, signal: AbortSignal): Promise<void> {
  const differing = layer.findings.filter(({ change }) => change !== undefined);
  await leaveNotices(host, mergeNotifications(differing.flatMap(({ resource }) => resource.notifies ?? [])));
  await converge(host, layer.resources, { report, signal });
  await converge(host, layer.notices, { report, signal });
  await layer.component?.ready?.(host, target, signal);
}
