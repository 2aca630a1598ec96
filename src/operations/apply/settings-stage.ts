import { z } from 'zod';

import { readMember, send } from '../../components/patroni/client.ts';
import { sh } from '../../host/command.ts';
import { waitFor } from '../../run/deadline.ts';
import type { Stage, Step } from '../../run/step.ts';
import type { HostSurvey, Survey } from '../survey.ts';

/** Patroni looks at etcd once per loop_wait, 10 s at most in our profiles. */
const TAKEN_OVER_DEADLINE_MS = 45_000;

/**
 * Waits until every running member has taken over changed settings, so that afterwards it is known which of them need a
 * restart: Patroni reads its shared config once per loop.
 */
export function settingsStage(survey: Survey): Stage {
  const members = survey.primary === undefined ? [] : survey.hosts.filter((each) => changesSettings(survey, each));
  return { title: 'Settings taken over', steps: members.map(settingsStep) };
}

function changesSettings(survey: Survey, { member, layers }: HostSurvey): boolean {
  if (member?.isPatroniRunning !== true) return false;
  const own = layers.filter(({ component }) => component?.name === 'postgres' || component?.name === 'patroni');
  const findings = [...own.flatMap((layer) => layer.findings), ...survey.cluster];
  return findings.some(({ change }) => change !== undefined);
}

function settingsStep({ host, target }: HostSurvey): Step {
  return {
    id: `settings:${host.name}`,
    title: `Settings taken over on ${host.name}`,
    host: host.name,
    deadlineMs: TAKEN_OVER_DEADLINE_MS + 15_000,
    run: async (report, signal) => {
      const now = z.coerce.number().parse((await host.read(sh`date +%s`)).stdout);
      await send(host, target, { method: 'POST', path: '/reload', body: {}, seconds: 10 });
      report('waiting for the next loop of Patroni');
      await waitFor(
        {
          what: `Patroni on ${host.name} to take over the settings`,
          host: host.name,
          deadlineMs: TAKEN_OVER_DEADLINE_MS,
          signal,
        },
        async () => {
          const member = await readMember(host, target);
          return member !== undefined && member.dcs_last_seen > now ? true : undefined;
        },
      );
    },
  };
}
