import { readMemberState } from '../../cluster/member-state.ts';
import { PATRONI } from '../../spec/layout.ts';
import { bootstrapHost } from '../../spec/topology.ts';
import { sh } from '../../host/command.ts';
import type { Report, Stage, Step } from '../../run/step.ts';
import { waitFor } from '../../run/deadline.ts';
import type { HostSurvey, Survey } from '../survey.ts';
import { failedUnit, journalTail } from './unit-failure.ts';

/** initdb takes a few seconds; a large shared_buffers with huge pages, or crash recovery, much longer. */
const LEADER_DEADLINE_MS = 180_000;

/**
 * Sees to it that there is a primary. Where no host has data, the cluster is initialised on the first database host;
 * where data is there (a cluster that was stopped), Patroni is started on all hosts that have it and decides who leads.
 */
export function primaryStage(survey: Survey): Stage {
  if (survey.primary !== undefined) return { title: 'Primary', steps: [] };
  const members = survey.hosts.filter((each) => each.member !== undefined);
  const withData = members.filter((each) => each.member?.data === 'whole');
  const first = bootstrapHost(survey.session.spec).name;
  const starters = withData.length > 0 ? withData : members.filter((each) => each.target.host.name === first);
  const step: Step = {
    id: 'primary',
    title: withData.length > 0 ? 'Start the members that have data' : `Initialise the primary on ${first}`,
    deadlineMs: LEADER_DEADLINE_MS + 30_000,
    done: async () => {
      const leader = await findLeader(members);
      return leader === undefined ? false : `${leader.target.host.name} is the primary`;
    },
    run: (report, signal) => startAndWait(starters, report, signal),
  };
  return { title: 'Primary', steps: [step] };
}

async function startAndWait(starters: readonly HostSurvey[], report: Report, signal: AbortSignal): Promise<void> {
  await Promise.all(starters.map(({ host }) => host.run(sh`systemctl start ${PATRONI.unit}`, { deadlineMs: 60_000 })));
  const names = starters.map(({ host }) => host.name).join(', ');
  report(`waiting for a leader among ${names}`);
  await waitFor(
    {
      what: `a leader among ${names}`,
      deadlineMs: LEADER_DEADLINE_MS,
      signal,
      why: async () => (await Promise.all(starters.map(({ host }) => journalTail(host, PATRONI.unit)))).join('\n'),
    },
    async () => {
      await Promise.all(starters.map(({ host }) => failedUnit(host, PATRONI.unit)));
      return findLeader(starters);
    },
  );
}

/** The member that takes writes now, asked afresh. */
export async function findLeader(members: readonly HostSurvey[]): Promise<HostSurvey | undefined> {
  const states = await Promise.all(members.map(({ host, target }) => readMemberState(host, target)));
  return members.find((_, index) => states[index]?.isLeader === true);
}
