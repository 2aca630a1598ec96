import { readMemberState } from '../../cluster/member-state.ts';
import { restartMember } from '../../components/patroni/client.ts';
import { POSTMASTER_PARAMETERS } from '../../components/postgres/parameters.ts';
import { POSTGRES } from '../../spec/layout.ts';
import type { Stage, Step } from '../../run/step.ts';
import type { HostSurvey, Survey } from '../survey.ts';

const RESTART_DEADLINE_MS = 180_000;

/**
 * Restarts PostgreSQL where a changed setting needs it: standbys first, the primary last, one at a time. Whether a member
 * needs it is asked when its turn has come.
 */
export function restartStage(survey: Survey): Stage {
  const members = survey.hosts.filter((each) => each.member !== undefined && needsRestart(survey, each));
  const isPrimary = (each: HostSurvey): boolean => each === survey.primary;
  const ordered = [...members.filter((each) => !isPrimary(each)), ...members.filter(isPrimary)];
  return {
    title: 'Restart PostgreSQL',
    steps: ordered.map((each) => restartStep(each, isPrimary(each))),
    serial: true,
  };
}

function restartStep({ host, target }: HostSurvey, isPrimary: boolean): Step {
  return {
    id: `restart:${host.name}`,
    title: `Restart PostgreSQL on ${host.name}`,
    host: host.name,
    deadlineMs: RESTART_DEADLINE_MS,
    interruption: isPrimary ? 'writes stop for some seconds' : `reads on ${host.name} break`,
    done: async () => {
      const { pendingRestart } = await readMemberState(host, target);
      return pendingRestart.length === 0 ? 'no setting waits for a restart' : false;
    },
    run: () => restartMember(host, target),
  };
}

/** By the diff of postgresql.conf and of the shared settings; a fresh cluster has none of its members running. */
function needsRestart(survey: Survey, { layers, member }: HostSurvey): boolean {
  if (survey.primary === undefined) return false;
  if (member !== undefined && member.pendingRestart.length > 0) return true;
  const files = layers
    .flatMap((layer) => layer.findings)
    .filter(({ resource }) => resource.id === `file:${POSTGRES.configFile}`);
  const diffs = [...files, ...survey.cluster].map(({ change }) => change?.diff ?? '');
  return diffs.some(changesPostmasterParameter);
}

/** Whether a unified diff touches a line of a parameter that only a restart changes; pure. */
export function changesPostmasterParameter(diff: string): boolean {
  return diff.split('\n').some((line) => {
    const [, name] = /^[+-]\s*['"]?([a-z_.]+)['"]?\s*[=:]/u.exec(line) ?? [];
    return name !== undefined && POSTMASTER_PARAMETERS.has(name);
  });
}
