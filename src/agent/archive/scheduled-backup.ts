import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

import { EtcdGateway } from '../etcd-gateway.ts';
import { PGBACKREST, type ArchiveSettings } from './settings.ts';
import { turnOf } from './turn.ts';

/** A member that is up takes its turn within this time. */
const TURN_MS = 15_000;
/** Two backups of the schedule are further apart. */
const SLOT_MS = 600_000;
const CLAIM_SECONDS = 3600;

/**
 * What the timer of every member starts at the same time: exactly one of them makes the backup, whoever leads by now. The
 * first one whose turn it is claims the slot in etcd; where it is down, the next one does.
 *
 * @param type full, diff or incr
 * @throws Error when etcd does not answer or the backup fails; the unit has failed then
 */
export async function scheduledBackup(
  settings: ArchiveSettings,
  type: string,
  log: (text: string) => void,
): Promise<void> {
  const { stanza, member, configFile } = settings;
  const slot = Math.round(Date.now() / SLOT_MS);
  const etcd = new EtcdGateway(settings.etcd);
  const turn = turnOf(await etcd.keys(), settings.etcd.prefix, member);
  if (turn === undefined) {
    log('this member is not fit to make a backup');
    return;
  }
  await sleep(turn * TURN_MS);
  if (!(await etcd.claim(`/pgscale-backup/${stanza}/${slot}`, member, CLAIM_SECONDS))) {
    log('another member makes this backup');
    return;
  }
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
