import { pgbackrest } from '../../components/pgbackrest/client.ts';
import { PgscaleError } from '../../errors/pgscale-error.ts';
import { followJob, startJob } from '../../host/job.ts';
import { runStages, type RunOptions } from '../../run/run-stages.ts';
import type { ClusterSession } from '../cluster-session.ts';
import { backupHost, backupSpecOf } from './session.ts';

export interface Verified {
  readonly host: string;
  readonly isSound: boolean;
  /** What pgBackRest says, line by line. */
  readonly findings: readonly string[];
}

const VERIFY_JOB = 'backup-verify';
const VERIFY_DEADLINE_MS = 48 * 3_600_000;

/**
 * Reads every file of the repository and compares it with the checksum that it was stored under, as a job on a standby's
 * host. https://pgbackrest.org/command.html#command-verify
 *
 * @throws PgscaleError PGS_NO_BACKUP, PGS_NO_LEADER, PGS_JOB_FAILED
 */
export async function verifyBackups(session: ClusterSession, run: RunOptions): Promise<Verified> {
  backupSpecOf(session.spec);
  const host = await backupHost(session, undefined);
  let output = '';
  const { script } = pgbackrest(
    session.spec.cluster,
    'verify',
    '--output=text',
    '--verbose',
    '--log-level-console=off',
  );
  const step = {
    id: 'verify',
    title: `Every file of the repository, read on ${host.name}`,
    host: host.name,
    deadlineMs: VERIFY_DEADLINE_MS,
    run: async (_report: unknown, signal: AbortSignal) => {
      await startJob(host, { name: VERIFY_JOB, script: `exec ${script}` });
      output = await followJob(host, VERIFY_JOB, { deadlineMs: VERIFY_DEADLINE_MS, signal });
    },
  };
  await runStages([{ title: 'Verify', steps: [step] }], run);
  return verdict(host.name, output);
}

/** Reads `verify --output=text`: a line `status: ok`, or what is wrong. Pure. @throws PgscaleError PGS_BACKUP_FAILED */
export function verdict(host: string, output: string): Verified {
  const [, status] = /^status: (\w+)/mu.exec(output) ?? [];
  if (status === undefined) {
    throw new PgscaleError('PGS_BACKUP_FAILED', { what: `pgBackRest on ${host} gave no verdict`, host, why: output });
  }
  const findings = output.split('\n').filter((line) => line.trim() !== '');
  return { host, isSound: status === 'ok', findings };
}
