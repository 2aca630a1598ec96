import type { DrillOutcome } from '../../archive/drill-outcome.ts';
import { readDrillOutcome } from '../../cluster/archive-report.ts';
import { drillConfinement, scratchDirectory } from '../../components/pgbackrest/drill.ts';
import { PgscaleError } from '../../errors/pgscale-error.ts';
import { cmd } from '../../host/command.ts';
import { followJob, startJob } from '../../host/job.ts';
import { lastLine } from '../../host/text.ts';
import { runStages, type RunOptions } from '../../run/run-stages.ts';
import { AGENT, PGBACKREST, PKI, POSTGRES } from '../../spec/layout.ts';
import { audited } from '../audited.ts';
import { backupHost, backupSpecOf } from '../backup/session.ts';
import type { ClusterSession } from '../cluster-session.ts';

export interface RestoreDrillOptions {
  /** Default: the standby that is the least behind. */
  host?: string | undefined;
  run: RunOptions;
}

/** How a drill went, and where. */
export interface RestoreDrill extends DrillOutcome {
  readonly host: string;
}

const JOB = 'restore-drill';
const DEADLINE_MS = 48 * 3_600_000;

/**
 * Restores the latest state to scratch on one host, has every table and index looked at, and runs the checks of the spec: the
 * program that the timer starts, as a job. A drill that fails is an answer.
 *
 * @throws PgscaleError PGS_NO_BACKUP, PGS_NO_LEADER, PGS_DRILL_RESTORE
 */
export async function restoreDrill(
  session: ClusterSession,
  { host: wanted, run }: RestoreDrillOptions,
): Promise<RestoreDrill> {
  backupSpecOf(session.spec);
  const host = await backupHost(session, wanted);
  const before = await readDrillOutcome(host).catch(() => undefined);
  let problem: unknown;
  const words = [
    'nice',
    '-n',
    '10',
    AGENT.runtime,
    AGENT.programFile,
    'restore-drill',
    PGBACKREST.drill.settingsFile,
    'now',
  ];
  const { script } = cmd('exec', 'runuser', '-u', POSTGRES.user, '-g', POSTGRES.user, '-G', PKI.group, '--', ...words);
  const step = {
    id: 'restore-drill',
    title: `The latest state, restored to scratch on ${host.name} and looked at`,
    host: host.name,
    deadlineMs: DEADLINE_MS,
    run: async (report: (text: string) => void, signal: AbortSignal) => {
      const owner = ['-o', POSTGRES.user, '-g', POSTGRES.user];
      await host.run(cmd('install', '-d', ...owner, '-m', '0700', scratchDirectory(session.spec)));
      await startJob(host, { name: JOB, script, properties: drillConfinement(session.spec) });
      const onProgress = (log: string): void => report(lastLine(log));
      const follow = { deadlineMs: DEADLINE_MS, pollMs: 500, signal, onProgress };
      await followJob(host, JOB, follow).catch((error: unknown) => {
        if (!(error instanceof PgscaleError) || error.code !== 'PGS_JOB_FAILED') throw error;
        problem = error;
      });
    },
  };
  await audited(session, { command: 'drill restore', changes: [`restore drill on ${host.name}`] }, () =>
    runStages([{ title: 'Drill', steps: [step] }], run),
  );
  const outcome = await readDrillOutcome(host);
  if (outcome !== undefined && outcome.at !== before?.at) return { host: host.name, ...outcome };
  throw new PgscaleError('PGS_DRILL_RESTORE', {
    what: `the restore drill on ${host.name} ended without an outcome`,
    host: host.name,
    why: problem instanceof PgscaleError ? (problem.why ?? problem.message) : 'it did not say how it went',
  });
}
