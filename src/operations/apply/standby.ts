import { readMemberState, SEED_JOB } from '../../cluster/member-state.ts';
import { PgscaleError } from '../../errors/pgscale-error.ts';
import { sh } from '../../host/command.ts';
import type { Host } from '../../host/host.ts';
import { followJob, joinJob, startJob } from '../../host/job.ts';
import type { Progress } from '../../resources/resource.ts';
import type { Report, Stage, Step } from '../../run/step.ts';
import { PATRONI } from '../../spec/layout.ts';
import { baseBackupProgress } from '../../sql/base-backup-progress.ts';
import { readRows } from '../../sql/psql.ts';
import { CopyMeter } from '../copy-meter.ts';
import type { HostSurvey, Survey } from '../survey.ts';
import { firstDataPlace } from './first-data.ts';
import { findLeader } from './primary.ts';
import { seedScript } from './seed-script.ts';

/** A day: the copy of a very large database is limited by the disk, not by us. */
const SEED_DEADLINE_MS = 24 * 3_600_000;

export interface SeedOptions {
  /** The member to copy from; default: the primary. */
  source?: string;
  /** Upper limit of the copy; default: the one of the spec, if any. */
  maxRateMbPerSecond?: number;
}

/** Copies the data to every database host that has none, several at once, and starts Patroni where it does not run. */
export function standbyStage(survey: Survey, options: SeedOptions): Stage {
  return { title: 'Standbys', steps: standbysToStart(survey).map((standby) => seedStep(survey, standby, options)) };
}

/** The members that have no data yet, or whose Patroni does not run. Pure. */
export function standbysToStart(survey: Survey): HostSurvey[] {
  const leading = survey.primary?.target.host.name;
  return survey.hosts
    .filter(({ member }) => member !== undefined && (member.data !== 'whole' || !member.isPatroniRunning))
    .filter((each) => each.target.host.name !== leading && each !== firstDataPlace(survey));
}

function seedStep(survey: Survey, standby: HostSurvey, options: SeedOptions): Step {
  const { host, target } = standby;
  return {
    id: `seed:${host.name}`,
    title: `Standby on ${host.name}`,
    host: host.name,
    deadlineMs: SEED_DEADLINE_MS,
    done: async () => {
      const state = await readMemberState(host, target);
      return state.data === 'whole' && state.isPatroniRunning ? 'already there' : false;
    },
    run: async (report, signal) => {
      const state = await readMemberState(host, target);
      if (state.data !== 'whole') await seed(standby, await seedSource(survey, options), { report, signal }, options);
      report('starting Patroni');
      await host.run(sh`systemctl start ${PATRONI.unit}`, { deadlineMs: 90_000 });
    },
  };
}

async function seedSource(survey: Survey, { source }: SeedOptions): Promise<HostSurvey> {
  const members = survey.hosts.filter((each) => each.member !== undefined);
  const found =
    source === undefined ? await findLeader(members) : members.find(({ target }) => target.host.name === source);
  if (found !== undefined) return found;
  throw new PgscaleError('PGS_NO_LEADER', { what: 'there is no primary to copy from' });
}

async function seed(
  standby: HostSurvey,
  source: HostSurvey,
  { report, signal }: Progress,
  { maxRateMbPerSecond }: SeedOptions,
): Promise<void> {
  const { host, target } = standby;
  const onPoll = seedProgress(source.host, target.spec.postgres.port, `seed_${host.name}`, report);
  const following = { deadlineMs: SEED_DEADLINE_MS, pollMs: 1000, signal, onPoll };
  const onJoin = (): void => report('following the copy that an earlier run began');
  await joinJob(host, SEED_JOB, { ...following, onJoin });
  if ((await readMemberState(host, target)).data === 'whole') return;
  report(`copying from ${source.host.name}`);
  await startJob(host, { name: SEED_JOB, script: seedScript(target, source.target.host, maxRateMbPerSecond) });
  await followJob(host, SEED_JOB, following);
}

function seedProgress(source: Host, port: number, applicationName: string, report: Report): () => Promise<void> {
  const meter = new CopyMeter();
  return async () => {
    const rows = await readRows(source, { port, name: 'postgres' }, baseBackupProgress(applicationName));
    const [row] = rows ?? [];
    if (row !== undefined) report(meter.line(row, performance.now()));
  };
}
