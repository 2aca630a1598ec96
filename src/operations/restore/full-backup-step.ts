import type { Step } from '../../run/step.ts';
import { beginBackup } from '../backup/create.ts';
import { backupHost } from '../backup/session.ts';
import type { ClusterSession } from '../cluster-session.ts';

/** Begins a full backup of a cluster that was restored, and does not wait for its end: its timeline has none yet. */
export function fullBackupStep(session: ClusterSession): Step {
  return {
    id: 'restore-backup',
    title: 'Begin a full backup of the new timeline',
    deadlineMs: 120_000,
    run: async () => beginBackup(await backupHost(session, undefined), session.spec.cluster, 'full'),
  };
}
