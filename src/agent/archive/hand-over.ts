import { execFile } from 'node:child_process';
import { existsSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

import { PGBACKREST, type ArchiveSettings } from './settings.ts';
import { archivedNames, unarchived } from './unarchived.ts';
import { messageOf } from '../../errors/message.ts';

const PROMOTION_DEADLINE_MS = 300_000;
const PROMOTION_POLL_MS = 200;
const LISTING_TIMEOUT_MS = 30_000;
const LISTING_BYTES_MAX = 256 * 1024 ** 2;

/**
 * Has a member that was just promoted archive what the former primary had not: the segments in its pg_wal that are not in
 * the repository are marked as not archived, and PostgreSQL's archiver takes them up by itself. May run as often as one likes.
 *
 * @param role as Patroni calls the member from now on; it tells so before the promotion has ended
 */
export async function handOver(settings: ArchiveSettings, role: string, log: (text: string) => void): Promise<void> {
  const { dataDirectory } = settings;
  if (role !== 'primary' || !(await isPromoted(dataDirectory))) return;
  const archived = await readArchived(settings).catch((error: unknown) => {
    log(`the repository does not say what it has: ${messageOf(error)}`);
    return undefined;
  });
  const wal = join(dataDirectory, 'pg_wal');
  const status = join(wal, 'archive_status');
  const names = unarchived(readdirSync(status), new Set(readdirSync(wal)), archived);
  for (const name of names) renameSync(join(status, `${name}.done`), join(status, `${name}.ready`));
  log(names.length === 0 ? 'nothing was left to archive' : `left to archive: ${names.join(', ')}`);
}

async function isPromoted(dataDirectory: string): Promise<boolean> {
  const endsAt = performance.now() + PROMOTION_DEADLINE_MS;
  while (existsSync(join(dataDirectory, 'standby.signal'))) {
    if (performance.now() > endsAt) return false;
    await sleep(PROMOTION_POLL_MS);
  }
  return true;
}

async function readArchived({ stanza, configFile }: ArchiveSettings): Promise<Set<string>> {
  const words = [`--config=${configFile}`, `--stanza=${stanza}`, '--log-level-console=off', 'repo-ls', '--recurse'];
  const { stdout } = await promisify(execFile)(PGBACKREST, [...words, `archive/${stanza}`], {
    timeout: LISTING_TIMEOUT_MS,
    maxBuffer: LISTING_BYTES_MAX,
  });
  return archivedNames(stdout);
}
