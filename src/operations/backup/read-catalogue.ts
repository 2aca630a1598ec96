import { z } from 'zod';

import type { ArchivedSegment, Backup, Catalogue } from '../../archive/catalogue.ts';
import { historyName, parseHistoryName, parseLsn, parseSegment, SEGMENT_BYTES } from '../../archive/segment.ts';
import { parseHistory, type Ancestor } from '../../archive/timeline.ts';
import {
  pgbackrest,
  pgbackrestWithin,
  readRepository,
  stanzaOf,
  type Archive,
  type RepositoryAnswer,
} from '../../components/pgbackrest/client.ts';
import {
  repositoryComplaint,
  stanzaState,
  type BackupInfo,
  type RepositoryInfo,
} from '../../archive/repository-info.ts';
import { PgscaleError } from '../../errors/pgscale-error.ts';
import { sh, type Command } from '../../host/command.ts';
import type { Reader } from '../../host/host.ts';

/** Less than a read may take. */
const LISTING_SECONDS = 15;
const listingSchema = z.record(z.string(), z.object({ type: z.string(), time: z.number().optional() }));

/**
 * All that the repository says of what can be restored: its backups, the segments of WAL and the histories of timelines.
 * Two round trips. Changes nothing.
 *
 * @throws PgscaleError PGS_REPOSITORY
 */
export async function readCatalogue(reader: Reader, archive: Archive): Promise<Catalogue> {
  const words = ['repo-ls', '--recurse', '--output=json', `archive/${stanzaOf(archive)}`];
  const [answer, listed] = await Promise.all([
    readRepository(reader, archive, LISTING_SECONDS),
    reader.read(pgbackrestWithin(LISTING_SECONDS, archive, ...words)),
  ]);
  const info = infoOf(reader.name, answer);
  if (listed.exitCode !== 0) throw unusable(reader.name, `${listed.stderr}\n${listed.stdout}`.trim());
  const id = info.archive.at(-1)?.id ?? '';
  const files = filesOf(listingSchema.parse(JSON.parse(listed.stdout)), id);
  const timelines = files.flatMap(({ name }) => parseHistoryName(name) ?? []);
  return {
    backups: backupsOf(info),
    segments: files.flatMap(segmentFrom),
    histories: await readHistories(reader, archive, id, timelines),
  };
}

/** The backups alone, oldest first: one round trip, and what it takes does not grow with the WAL that is there. */
export async function readBackups(reader: Reader, archive: Archive): Promise<Backup[]> {
  return backupsOf(infoOf(reader.name, await readRepository(reader, archive, LISTING_SECONDS)));
}

function infoOf(host: string, answer: RepositoryAnswer): RepositoryInfo {
  if (!answer.isThere) throw unusable(host, answer.why);
  if (stanzaState(answer.info) !== 'there') throw unusable(host, repositoryComplaint(answer.info));
  return answer.info;
}

function backupsOf(info: RepositoryInfo): Backup[] {
  return info.backup.flatMap(backupFrom).sort((a, b) => a.stopLsn - b.stopLsn);
}

interface ArchiveFile {
  readonly name: string;
  readonly storedAtMs: number;
}

function filesOf(listing: z.output<typeof listingSchema>, id: string): ArchiveFile[] {
  return Object.entries(listing).flatMap(([path, { type, time = 0 }]) =>
    type === 'file' && path.startsWith(`${id}/`)
      ? [{ name: path.slice(path.lastIndexOf('/') + 1), storedAtMs: time * 1000 }]
      : [],
  );
}

/** `000000010000000000000007-0123…cdef.zst`: the name, the checksum, how it is compressed. */
function segmentFrom({ name, storedAtMs }: ArchiveFile): ArchivedSegment[] {
  const [, segment] = /^([0-9A-F]{24})-[0-9a-f]{40}(?:\.\w+)?$/u.exec(name) ?? [];
  const parsed = segment === undefined ? undefined : parseSegment(segment);
  return parsed === undefined ? [] : [{ ...parsed, storedAtMs }];
}

function backupFrom(info: BackupInfo): Backup[] {
  const first = info.archive.start === null ? undefined : parseSegment(info.archive.start);
  const last = info.archive.stop === null ? undefined : parseSegment(info.archive.stop);
  if (first === undefined || last === undefined) return [];
  return [
    {
      label: info.label,
      type: info.type,
      timeline: last.timeline,
      startedAtMs: info.timestamp.start * 1000,
      stoppedAtMs: info.timestamp.stop * 1000,
      startLsn: parseLsn(info.lsn?.start ?? '') ?? first.number * SEGMENT_BYTES,
      stopLsn: parseLsn(info.lsn?.stop ?? '') ?? (last.number + 1) * SEGMENT_BYTES,
      databaseBytes: info.info.size,
      copiedBytes: info.info.delta,
      storedBytes: info.info.repository.delta ?? null,
      hasPageErrors: info.error === true,
      madeBy: info.backrest.version,
    },
  ];
}

/** Each history file comes with a line before it that names its timeline. */
async function readHistories(
  reader: Reader,
  archive: Archive,
  id: string,
  timelines: readonly number[],
): Promise<Map<number, Ancestor[]>> {
  if (timelines.length === 0) return new Map();
  const scripts = timelines.map((timeline): string => {
    const get: Command = pgbackrest(archive, 'repo-get', `archive/${stanzaOf(archive)}/${id}/${historyName(timeline)}`);
    return sh`echo ${`timeline ${timeline}`} && ${get} && echo`.script;
  });
  const answer = await reader.read({ script: scripts.join(' && ') });
  if (answer.exitCode !== 0) throw unusable(reader.name, answer.stderr);
  const parts = answer.stdout.split(/^timeline (?=\d+$)/mu).filter((part) => part !== '');
  return new Map(parts.map((part) => [Number.parseInt(part, 10), parseHistory(part.slice(part.indexOf('\n') + 1))]));
}

function unusable(host: string, why: string): PgscaleError {
  return new PgscaleError('PGS_REPOSITORY', { what: `the backup repository cannot be read from ${host}`, host, why });
}
