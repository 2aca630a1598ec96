import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { claimSlot } from './claim.ts';
import { PGBACKREST, type ArchiveSettings } from './settings.ts';

/**
 * What the timer of every member starts at the same time: exactly one of them makes the backup.
 *
 * @param type full, diff or incr
 * @throws Error when etcd does not answer or the backup fails; the unit has failed then
 */
export async function scheduledBackup(
  settings: ArchiveSettings,
  type: string,
  log: (text: string) => void,
): Promise<void> {
  const { stanza, configFile } = settings;
  if (!(await claimSlot(settings, 'backup', log))) return;
  log(`making a ${type} backup`);
  const words = [
    `--config=${configFile}`,
    `--stanza=${stanza}`,
    `--type=${type}`,
    '--log-level-console=info',
    'backup',
  ];
  const [status] = (await once(spawn(PGBACKREST, words, { stdio: 'inherit' }), 'exit')) as [number | null];
  if (status !== 0) throw new Error(`pgBackRest ended with ${status ?? 'a signal'}`);
}
