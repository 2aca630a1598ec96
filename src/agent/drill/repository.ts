import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { repositoryInfo } from '../../archive/repository-info.ts';
import { parseSegment, SEGMENT_BYTES, shortOfEnd, type Segment } from '../../archive/segment.ts';
import type { Ancestor } from '../../archive/timeline.ts';
import { PGBACKREST, type ArchiveSettings } from '../archive/settings.ts';

const INFO_TIMEOUT_MS = 60_000;
const INFO_BYTES_MAX = 64 * 1024 ** 2;

/** What a drill has to know of the repository before it begins. */
export interface RepositoryEnd {
  /** The last segment of the newest timeline. */
  readonly last: Segment | undefined;
  /** Of the newest backup, as it will be on the disk. */
  readonly databaseBytes: number | undefined;
}

/** Room beside the data for WAL and for what is written: a tenth of it, and so much at least. */
const SPARE_BYTES_MIN = 1024 ** 3;

/** Asks the repository. What it does not say is undefined: the restore will say why. */
export async function readEnd({ stanza, configFile }: ArchiveSettings, signal: AbortSignal): Promise<RepositoryEnd> {
  const words = [`--config=${configFile}`, `--stanza=${stanza}`, '--log-level-console=off', '--output=json', 'info'];
  const limits = { timeout: INFO_TIMEOUT_MS, maxBuffer: INFO_BYTES_MAX, signal };
  const stdout = await promisify(execFile)(PGBACKREST, words, limits).then(
    (answer) => answer.stdout,
    () => '',
  );
  signal.throwIfAborted();
  return endIn(stdout, stanza);
}

/** What the answer of `info` says of a stanza. Pure. */
export function endIn(answer: string, stanza: string): RepositoryEnd {
  const found = repositoryInfo(answer, stanza);
  return { last: parseSegment(found?.archive.at(-1)?.max ?? ''), databaseBytes: found?.backup.at(-1)?.info.size };
}

/** Why a drill would fill the disk, which it shares with the member; undefined when it would not. Pure. */
export function noRoom(
  { databaseBytes }: Pick<RepositoryEnd, 'databaseBytes'>,
  freeBytes: number,
  directory: string,
): string | undefined {
  if (databaseBytes === undefined) return undefined;
  const needed = Math.round(databaseBytes + Math.max(databaseBytes / 10, SPARE_BYTES_MIN));
  if (freeBytes >= needed) return undefined;
  return `no room for a restore drill: ${needed} bytes are needed in ${directory}, ${freeBytes} are free`;
}

/**
 * Why a copy is not the latest, though it takes writes. Nothing is said of a copy that went along another timeline: what the
 * repository has of this one may have been given up. Pure.
 *
 * @param left where the copy left the timeline along which it was recovered
 */
export function leftEarly({ last }: RepositoryEnd, left: Ancestor | undefined): string | undefined {
  if (last === undefined || left?.timeline !== last.timeline) return undefined;
  return shortOfEnd(left.endLsn, (last.number + 1) * SEGMENT_BYTES);
}
