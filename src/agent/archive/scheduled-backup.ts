import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { claimSlot } from './claim.ts';
import { PGBACKREST, type ArchiveSettings } from './settings.ts';

/** `OnCalendar` may name a moment for both kinds: then the full backup is the one that is made. */
const BEHIND_FULL_MS = 5000;

/** How long a backup of the schedule lets a larger one that is due at the same time go before it. Pure. */
export function behindMs(type: string): number {
  return type === 'full' ? 0 : BEHIND_FULL_MS;
}

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
  if (!(await claimSlot(settings, 'backup', log, behindMs(type)))) return;
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
