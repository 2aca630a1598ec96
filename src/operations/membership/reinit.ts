import { catchingUpText, readCatchingUp, ReplayProgress } from '../../cluster/catching-up.ts';
import { SEED_JOB } from '../../cluster/member-state.ts';
import { readMember } from '../../components/patroni/client.ts';
import { PgscaleError } from '../../errors/pgscale-error.ts';
import { sh } from '../../host/command.ts';
import { clearJob } from '../../host/job.ts';
import { waitFor } from '../../run/deadline.ts';
import { runStages, type RunOptions } from '../../run/run-stages.ts';
import type { Step } from '../../run/step.ts';
import { PATRONI } from '../../spec/layout.ts';
import type { HostSpec } from '../../spec/schema.ts';
import { dataDirectory } from '../../spec/topology.ts';
import { refuseSource } from '../apply/seed-source.ts';
import { SETTLE_DEADLINE_MS, SETTLE_LONGEST_MS } from '../apply/settled.ts';
import { standbyStage, type SeedOptions } from '../apply/standby.ts';
import { audited } from '../audited.ts';
import { chosenHosts } from '../chosen-hosts.ts';
import type { ClusterSession } from '../cluster-session.ts';
import { surveyCluster, type Survey } from '../survey.ts';
import { drainStep, undrain } from './drain.ts';
import { lookAtMembership } from './look.ts';
import { refuseFor, reinitProblems } from './refuse.ts';

export interface ReinitOptions extends SeedOptions {
  readonly run: RunOptions;
  readonly host: string;
  readonly drainMs: number;
  /** Also when commits are confirmed by nobody else meanwhile. */
  readonly allowAsynchronous: boolean;
  /** Asked with the data directory that goes; throws when the answer is no. */
  readonly confirm: (what: Reinitialisation) => Promise<void>;
}

export interface Reinitialisation {
  readonly host: string;
  readonly dataDirectory: string;
}

export interface Reinitialised extends Reinitialisation {
  readonly durationMs: number;
}

/**
 * Throws the data of a standby away and copies it anew. A copy that an earlier run began is followed, not begun again.
 * @throws PgscaleError PGS_MEMBERSHIP_REFUSED, PGS_MEMBER_UNKNOWN, PGS_SEED_SOURCE, PGS_NO_LEADER, and what a step throws
 */
export async function reinitStandby(session: ClusterSession, options: ReinitOptions): Promise<Reinitialised> {
  const startedAt = performance.now();
  const { spec } = session;
  const [host] = chosenHosts(spec, { names: [options.host], role: 'database' });
  if (host === undefined) throw new PgscaleError('PGS_MEMBER_UNKNOWN', { what: `no database host ${options.host}` });
  const facts = await lookAtMembership(session);
  const problems = reinitProblems(facts, host.name, options.allowAsynchronous);
  const next =
    reinitProblems(facts, host.name, true).length === 0
      ? ['--allow-asynchronous, when commits may be confirmed by nobody else meanwhile']
      : [];
  refuseFor(`${host.name} cannot be seeded anew now`, problems, next);
  const what = { host: host.name, dataDirectory: dataDirectory(spec) };
  const survey = asEmpty(await surveyCluster(session), host.name);
  refuseSource(survey, options.source);
  await options.confirm(what);
  const changes = [`seed ${host.name} anew`];
  await audited(session, { command: 'replica reinit', changes }, () =>
    runStages(
      [
        { title: 'Drain', steps: [drainStep(session, host.name, options.drainMs)] },
        { title: 'Data directory', steps: [emptyStep(session, host)] },
        standbyStage(survey, options),
        { title: 'Standby', steps: [streamStep(session, host, facts.primary)] },
      ],
      options.run,
    ),
  );
  return { ...what, durationMs: Math.round(performance.now() - startedAt) };
}

/** As the hosts will be once the data directory is gone. */
function asEmpty(survey: Survey, name: string): Survey {
  const hosts = survey.hosts.map((each) =>
    each.host.name === name && each.member !== undefined
      ? { ...each, member: { ...each.member, data: 'none' as const, isPatroniRunning: false } }
      : each,
  );
  return { ...survey, hosts };
}

function emptyStep(session: ClusterSession, { name }: HostSpec): Step {
  const host = session.host(name);
  const directory = dataDirectory(session.spec);
  return {
    id: `empty:${name}`,
    title: `Remove ${directory} on ${name}`,
    host: name,
    deadlineMs: 10 * 60_000,
    done: async () => ((await host.read(sh`test -e ${directory}`)).exitCode === 0 ? false : 'there is none (any more)'),
    run: async () => {
      await host.run(sh`systemctl stop ${PATRONI.unit}`, { deadlineMs: 180_000 });
      await clearJob(host, SEED_JOB);
      // By a rename, so that a data directory is never half there.
      await host.run(
        sh`rm -rf -- ${`${directory}.old`} && mv -T -- ${directory} ${`${directory}.old`} && rm -rf -- ${`${directory}.old`}`,
        {
          deadlineMs: 9 * 60_000,
        },
      );
    },
  };
}

function streamStep(session: ClusterSession, host: HostSpec, primary: string): Step {
  return {
    id: `stream:${host.name}`,
    title: `${host.name} streams`,
    host: host.name,
    deadlineMs: SETTLE_LONGEST_MS + 10_000,
    run: async (report, signal) => {
      const replay = new ReplayProgress();
      let seen = 'no answer';
      const wait = {
        what: `${host.name} to stream`,
        host: host.name,
        deadlineMs: SETTLE_DEADLINE_MS,
        progress: { of: () => replay.advances, longestMs: SETTLE_LONGEST_MS },
        pollMs: 500,
        signal,
      };
      await waitFor({ ...wait, why: async () => seen }, async () => {
        const member = await readMember(session.host(host.name), { spec: session.spec, host });
        if (member?.replication_state === 'streaming') return true;
        const behind = await readCatchingUp(session.host(primary), [session.host(host.name)], session.spec);
        replay.note(behind);
        seen = catchingUpText(member?.replication_state ?? member?.state ?? 'no answer', behind);
        report(seen);
        return undefined;
      });
      await undrain(session, host.name);
    },
  };
}
