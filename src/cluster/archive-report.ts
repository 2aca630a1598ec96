import { z } from 'zod';

import { drillOutcome, type DrillOutcome } from '../archive/drill-outcome.ts';
import { readRepository, type RepositoryAnswer } from '../components/pgbackrest/client.ts';
import { sh } from '../host/command.ts';
import type { Reader } from '../host/host.ts';
import { PGBACKREST } from '../spec/layout.ts';
import { IN_PLACE, sideFile } from '../spec/restore-places.ts';
import type { Spec } from '../spec/schema.ts';
import { dataDirectory } from '../spec/topology.ts';
import { ARCHIVER, type ArchiverRow } from '../sql/archiver.ts';
import { readRows } from '../sql/psql.ts';

/** How archiving looks from one database host. */
export interface ArchiveReport {
  /** undefined: another host is asked for it. */
  readonly repository: RepositoryAnswer | undefined;
  /** Of the server on this host; only the primary archives. */
  readonly archiver: ArchiverRow | undefined;
  /** On the disk that has pg_wal. */
  readonly freeBytes: number | undefined;
  /** How the last restore drill on this host ended. */
  readonly drill: DrillOutcome | undefined;
  /** To what a restore in place goes back that was begun on this host and has not ended, in words. */
  readonly goingBackTo?: string | undefined;
}

const begunSchema = z.object({ target: z.string() });

/** The status waits for a repository that is away no longer than this. */
const LOOK_SECONDS = 4;

/**
 * Asks a database host; undefined when the spec has no `backup`. Changes nothing.
 * @param isRepositoryAsked the repository is asked over TLS, which costs more than all else: one host is enough
 */
export async function readArchiveReport(
  reader: Reader,
  spec: Spec,
  isRepositoryAsked: boolean,
): Promise<ArchiveReport | undefined> {
  if (spec.backup === undefined) return undefined;
  const [repository, archiver, disk, drill, goingBackTo] = await Promise.all([
    isRepositoryAsked ? readSharedRepository(reader, spec) : undefined,
    readRows(reader, { port: spec.postgres.port, name: 'postgres' }, ARCHIVER).catch(() => undefined),
    reader.read(sh`df --block-size=1 --output=avail ${dataDirectory(spec)}/pg_wal | tail -n 1`),
    readDrillOutcome(reader).catch(() => undefined),
    readGoingBack(reader, spec).catch(() => undefined),
  ]);
  const freeBytes = Number(disk.stdout.trim());
  return {
    repository,
    archiver: archiver?.[0],
    freeBytes: disk.exitCode === 0 && Number.isFinite(freeBytes) ? freeBytes : undefined,
    drill,
    goingBackTo,
  };
}

async function readGoingBack(reader: Reader, spec: Spec): Promise<string | undefined> {
  const file = await reader.readFile(sideFile(spec, IN_PLACE));
  return file === undefined ? undefined : begunSchema.parse(JSON.parse(file.content)).target;
}

/** What the repository has, from this host; a look that is short. Changes nothing. */
export function readSharedRepository(reader: Reader, spec: Spec): Promise<RepositoryAnswer> {
  return readRepository(reader, spec.cluster, LOOK_SECONDS);
}

/** How the last restore drill on a host ended; undefined when there was none. @throws Error when the file is no outcome */
export async function readDrillOutcome(reader: Reader): Promise<DrillOutcome | undefined> {
  const file = await reader.readFile(PGBACKREST.drill.outcomeFile);
  return file === undefined ? undefined : drillOutcome.parse(JSON.parse(file.content));
}
