import { pgbackrest } from '../../components/pgbackrest/client.ts';
import { PgscaleError } from '../../errors/pgscale-error.ts';
import { audited } from '../audited.ts';
import type { ClusterSession } from '../cluster-session.ts';
import { readCatalogue } from './read-catalogue.ts';
import { backupHost, backupSpecOf } from './session.ts';

export interface Expired {
  readonly isDryRun: boolean;
  /** Labels of the backups that are gone, or would be. */
  readonly removed: readonly string[];
  readonly kept: readonly string[];
}

const EXPIRE_DEADLINE_MS = 600_000;

/**
 * Removes the backups, and the WAL, that the retention of the spec does not keep; every backup does so by itself, too.
 * @throws PgscaleError PGS_NO_BACKUP, PGS_NO_LEADER, PGS_BACKUP_FAILED, PGS_REPOSITORY
 */
export async function expireBackups(session: ClusterSession, isDryRun: boolean): Promise<Expired> {
  backupSpecOf(session.spec);
  const { cluster } = session.spec;
  const host = await backupHost(session, undefined);
  const labels = async (): Promise<string[]> => (await readCatalogue(host, cluster)).backups.map(({ label }) => label);
  const before = await labels();
  const words = ['expire', '--log-level-console=info', ...(isDryRun ? ['--dry-run'] : [])];
  const work = async (): Promise<string> => {
    const answer = await host.run(pgbackrest(cluster, ...words), { deadlineMs: EXPIRE_DEADLINE_MS, okStatuses: 'any' });
    if (answer.exitCode === 0) return answer.stdout;
    const why = `${answer.stdout}\n${answer.stderr}`.trim();
    throw new PgscaleError('PGS_BACKUP_FAILED', { what: `pgBackRest on ${host.name} failed`, host: host.name, why });
  };
  if (isDryRun) {
    const output = await work();
    const removed = before.filter((label) => new RegExp(`(?:remove|expire).*\\b${label}\\b`, 'u').test(output));
    return { isDryRun, removed, kept: before.filter((label) => !removed.includes(label)) };
  }
  await audited(session, { command: 'backup expire', changes: ['expire backups'] }, work);
  const kept = await labels();
  return { isDryRun, removed: before.filter((label) => !kept.includes(label)), kept };
}
