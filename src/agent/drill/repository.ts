import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import * as z from 'zod/mini';

import { hasReachedEnd, lsnText, parseSegment, SEGMENT_BYTES, type Segment } from '../../archive/segment.ts';
import type { Ancestor } from '../../archive/timeline.ts';
import { PGBACKREST, type ArchiveSettings } from '../archive/settings.ts';

const INFO_TIMEOUT_MS = 60_000;
const INFO_BYTES_MAX = 64 * 1024 ** 2;

/** What a drill has to know of the repository before it begins. */
export interface RepositoryEnd {
  /** The last segment of the newest timeline. */
  readonly last: Segment | undefined;
}

const infoSchema = z.array(z.object({ name: z.string(), archive: z.array(z.object({ max: z.nullable(z.string()) })) }));

/** Asks the repository. @throws Error when it does not answer */
export async function readEnd({ stanza, configFile }: ArchiveSettings, signal: AbortSignal): Promise<RepositoryEnd> {
  const words = [`--config=${configFile}`, `--stanza=${stanza}`, '--log-level-console=off', '--output=json', 'info'];
  const limits = { timeout: INFO_TIMEOUT_MS, maxBuffer: INFO_BYTES_MAX, signal };
  const { stdout } = await promisify(execFile)(PGBACKREST, words, limits);
  return endIn(stdout, stanza);
}

/** What the answer of `info` says of a stanza. Pure. https://pgbackrest.org/command.html#command-info */
export function endIn(answer: string, stanza: string): RepositoryEnd {
  const found = infoSchema.parse(JSON.parse(answer)).find(({ name }) => name === stanza);
  return { last: parseSegment(found?.archive.at(-1)?.max ?? '') };
}

/**
 * Why a copy is not the latest, though it takes writes: PostgreSQL takes whatever ends the WAL for its end, also a segment that
 * is damaged or cannot be fetched. Nothing is said of a copy that went along another timeline: what the repository has of this
 * one may have been given up. Pure.
 *
 * @param left where the copy left the timeline along which it was recovered
 */
export function shortOfEnd({ last }: RepositoryEnd, left: Ancestor | undefined): string | undefined {
  if (last === undefined || left?.timeline !== last.timeline) return undefined;
  const end = (last.number + 1) * SEGMENT_BYTES;
  if (hasReachedEnd(left.endLsn, end)) return undefined;
  return `recovery ended at ${lsnText(left.endLsn)} of timeline ${left.timeline}, and the archive goes on to ${lsnText(end)}`;
}
