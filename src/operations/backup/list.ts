import type { Backup } from '../../archive/catalogue.ts';
import { windowsOf, type Window } from '../../archive/window.ts';
import type { ClusterSession } from '../cluster-session.ts';
import { readCatalogue } from './read-catalogue.ts';
import { backupSpecOf, repositoryReader } from './session.ts';

export interface BackupList {
  readonly cluster: string;
  /** The oldest first. */
  readonly backups: readonly Backup[];
  /** Where every moment can be restored, timeline by timeline. */
  readonly windows: readonly Window[];
}

/** What can be restored, from the repository itself. Changes nothing. @throws PgscaleError PGS_NO_BACKUP, PGS_REPOSITORY */
export async function listBackups(session: ClusterSession): Promise<BackupList> {
  const { cluster } = session.spec;
  backupSpecOf(session.spec);
  const catalogue = await readCatalogue(repositoryReader(session), cluster);
  return { cluster, backups: catalogue.backups, windows: windowsOf(catalogue) };
}
