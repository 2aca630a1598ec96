import { readMemberState, seedDirectory } from '../../cluster/member-state.ts';
import { etcdctl } from '../../components/etcd/client.ts';
import { initialiseScript } from '../../components/postgres/initialise.ts';
import { PgscaleError } from '../../errors/pgscale-error.ts';
import { followJob, joinJob, startJob } from '../../host/job.ts';
import { journalTail, watchUnit } from '../../host/unit.ts';
import { PATRONI } from '../../spec/layout.ts';
import { dcsPrefix } from '../../spec/services.ts';
import { bootstrapHost, dataDirectory } from '../../spec/topology.ts';
import { sh } from '../../host/command.ts';
import type { Report, Stage, Step } from '../../run/step.ts';
import { waitFor } from '../../run/deadline.ts';
import type { HostSurvey, Survey } from '../survey.ts';
import { firstDataPlace, type FirstData } from './first-data.ts';

/** initdb takes a few seconds; a large shared_buffers with huge pages, or crash recovery, much longer. */
const LEADER_DEADLINE_MS = 180_000;
const INITIALISE_JOB = 'initialise';

/**
 * Sees to it that there is a primary. Where no host has data, the cluster is initialised on the first database host;
 * where data is there (a cluster that was stopped), Patroni is started on all hosts that have it and decides who leads.
 *
 * @param firstData Makes the data in place of initdb
 */
export function primaryStage(survey: Survey, firstData?: FirstData): Stage {
  if (survey.primary !== undefined) return { title: 'Primary', steps: [] };
  const members = survey.hosts.filter((each) => each.member !== undefined);
  const withData = members.filter((each) => each.member?.data === 'whole');
  const first = bootstrapHost(survey.session.spec).name;
  const starters = withData.length > 0 ? withData : members.filter((each) => each.target.host.name === first);
  const step: Step = {
    id: 'primary',
    title: titleOf(withData.length > 0, first, firstData),
    deadlineMs: 2 * LEADER_DEADLINE_MS + 30_000,
    done: async () => {
      const leader = await findLeader(members);
      return leader === undefined ? false : `${leader.target.host.name} is the primary`;
    },
    run: async (report, signal) => {
      const [starter] = starters;
      if (withData.length === 0 && starter !== undefined) await initialise(survey, starter, { report, signal });
      await startAndWait(starters, report, signal);
    },
  };
  const place = firstDataPlace(survey);
  const made = place === undefined ? [] : (firstData?.make(survey, place) ?? []);
  return { title: 'Primary', steps: [...made, step], serial: true };
}

function titleOf(hasData: boolean, first: string, firstData: FirstData | undefined): string {
  if (hasData) return 'Start the members that have data';
  return firstData === undefined ? `Initialise the primary on ${first}` : `Start the primary on ${first}`;
}

/** Makes the first data directory, as a job that goes on without us; one that another run began is followed. */
async function initialise(
  survey: Survey,
  { host, target }: HostSurvey,
  { report, signal }: { report: Report; signal: AbortSignal },
): Promise<void> {
  const following = { deadlineMs: LEADER_DEADLINE_MS, pollMs: 250, signal };
  await joinJob(host, INITIALISE_JOB, following);
  if ((await readMemberState(host, target)).data === 'whole') return;
  await refuseLostData(survey);
  report('initialising the data directory');
  await startJob(host, { name: INITIALISE_JOB, script: initialiseScript(target, seedDirectory(target)) });
  await followJob(host, INITIALISE_JOB, following);
}

/**
 * etcd remembers that this cluster had data. Where no host has any, a new one would pass for the old one.
 * @throws PgscaleError PGS_DATA_LOST
 */
export async function refuseLostData(survey: Survey): Promise<void> {
  const { spec } = survey.session;
  const dcs = survey.hosts.find(({ target }) => target.host.roles.includes('dcs'));
  if (dcs === undefined) return;
  const key = `${dcsPrefix(spec)}initialize`;
  const answer = await dcs.host.read(etcdctl(spec, dcs.target.host, 'get', '--print-value-only', key));
  if (answer.exitCode !== 0 || answer.stdout === '') return;
  throw new PgscaleError('PGS_DATA_LOST', {
    what: `etcd says that cluster ${spec.cluster} was initialised, but no host has its data directory`,
    why: `${dataDirectory(spec)} is empty on every database host; the key ${key} is ${answer.stdout}`,
  });
}

async function startAndWait(starters: readonly HostSurvey[], report: Report, signal: AbortSignal): Promise<void> {
  await Promise.all(starters.map(({ host }) => host.run(sh`systemctl start ${PATRONI.unit}`, { deadlineMs: 60_000 })));
  const watches = await Promise.all(starters.map(({ host }) => watchUnit(host, PATRONI.unit)));
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
      await Promise.all(watches.map((refuseFailed) => refuseFailed()));
      return findLeader(starters);
    },
  );
}

/** The member that takes writes now, asked afresh. */
export async function findLeader(members: readonly HostSurvey[]): Promise<HostSurvey | undefined> {
  const states = await Promise.all(members.map(({ host, target }) => readMemberState(host, target)));
  return members.find((_, index) => states[index]?.isLeader === true);
}
