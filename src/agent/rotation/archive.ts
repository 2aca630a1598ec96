import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { PassThrough, Readable, Transform } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';

import * as z from 'zod/mini';

import { quoteLiteral } from '../../partitions/statements.ts';
import { StoreMissing } from '../store/missing.ts';
import { storeSettings } from '../store/settings.ts';
import { openStore, type Store } from '../store/store.ts';
import { fed, program, type Psql } from './pg-program.ts';
import type { RotationSettings } from './settings.ts';

/** Who keeps a detached table from being read for longer has the next rotation come again, not this one wait. */
const LOCK_WAIT_MS = 600_000;

/** Which table. */
export interface Archived {
  readonly database: string;
  /** As SQL writes it, with its schema. */
  readonly id: string;
}

/** What is beside each dump: what it has to be when it is read again. */
const noteSchema = z.object({
  id: z.string(),
  sha256: z.string(),
  bytes: z.number(),
  at: z.string(),
  /** The table that was dumped, by the number that no other table of the database gets. */
  oid: z.optional(z.string()),
  /** When its rows came back into the database; null while the dump is all that there is of them. */
  broughtBackAt: z.optional(z.nullable(z.string())),
});
export type Note = z.output<typeof noteSchema>;

/**
 * Dumps a table, with its partitions if it has some, into the store, reads it back, and has pg_restore go through the whole of
 * it. Resolves when that is proven: only then may the table be dropped. Nothing of it touches the disk of the host.
 * @throws Error when pg_dump or the store fails, what is read back is not what was written, or the store has the only copy of
 * another table of that name
 */
export async function archiveTable(psql: Psql, store: Store, { database, id }: Archived): Promise<Note> {
  const name = nameOf({ database, id });
  const oid = await oidOf(psql, { database, id });
  refuseOverwriting(await noteOf(store, name), { id, oid });
  const written = meter();
  const how = ['-Fc', '-Z', 'zstd:3', `--lock-wait-timeout=${LOCK_WAIT_MS}`];
  const dump = program(psql, 'pg_dump', [...how, `--table-and-children=${id}`, '-d', database]);
  const body = new PassThrough();
  // A dump that fails must not look like one that ended: its error reaches the store before the end does.
  const dumped = pipeline(dump.stdout, written, body, { end: false }).then(() => dump.ended);
  dumped.then(
    () => body.end(),
    (error: unknown) => body.destroy(error as Error),
  );
  const stored = store.put(name, body).catch((error: unknown) => {
    // Nobody reads on: pg_dump must not wait for it.
    body.destroy();
    throw error;
  });
  await Promise.all([stored, dumped]);
  const { sha256, bytes } = written.sum();
  await proven(psql, store, name, sha256);
  const note = { id, sha256, bytes, at: new Date().toISOString(), oid, broughtBackAt: null };
  await putNote(store, name, note);
  return note;
}

/**
 * A dump may be written over by that of the same table, when a run was cut off before the drop, and when its rows are in the
 * database again. Any other table of that name would take the place of rows that are nowhere else.
 */
function refuseOverwriting(note: Note | undefined, { id, oid }: { id: string; oid: string }): void {
  if (note === undefined || note.oid === oid || typeof note.broughtBackAt === 'string') return;
  throw new Error(
    `the store holds another ${id}, archived at ${note.at} (${note.bytes} bytes): it is not written over; rename the table in the database, or bring the old one back first`,
  );
}

async function oidOf(psql: Psql, { database, id }: Archived): Promise<string> {
  const asked = program(psql, 'psql', ['-XAtq', '-d', database, '-c', `select ${quoteLiteral(id)}::regclass::oid`]);
  const [answer] = await Promise.all([text(asked.stdout), asked.ended]);
  return answer.trim();
}

/** What is beside a dump; undefined when there is none. */
export async function noteOf(store: Store, name: string): Promise<Note | undefined> {
  try {
    return noteSchema.parse(JSON.parse(await text(await store.get(`${name}.json`))));
  } catch (error) {
    if (error instanceof StoreMissing) return undefined;
    throw error;
  }
}

export async function putNote(store: Store, name: string, note: Note): Promise<void> {
  await store.put(`${name}.json`, Readable.from([`${JSON.stringify(note)}\n`]));
}

/** Reads a dump back, all of it. @throws Error when it is not what was written */
export async function proven(psql: Psql, store: Store, name: string, sha256: string): Promise<void> {
  const read = meter();
  const dump = await store.get(name);
  await fed(program(psql, 'pg_restore', ['--file=/dev/null'], false), dump, read);
  if (read.sum().sha256 !== sha256) throw new Error(`${name} is not in the store as it was written`);
}

interface Meter extends Transform {
  sum(): { sha256: string; bytes: number };
}

/** Passes everything on, and knows its checksum at the end. */
function meter(): Meter {
  const hash = createHash('sha256');
  let bytes = 0;
  const through = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      bytes += chunk.length;
      done(null, chunk);
    },
  });
  return Object.assign(through, { sum: () => ({ sha256: hash.digest('hex'), bytes }) });
}

/** Names of databases and tables may hold anything: each is one word of a path. */
export function nameOf({ database, id }: Archived): string {
  return `${encodeURIComponent(database)}/${encodeURIComponent(id)}.dump`;
}

/** What the log says of a table that was archived. Pure. */
export function archivedText({ id, bytes, sha256 }: Note): string {
  return `archived ${id}: ${bytes} bytes, SHA-256 ${sha256}, read back`;
}

/** The store that the host was told of. @throws Error when it was told of none */
export function openStoreOf({ storeFile }: Pick<RotationSettings, 'storeFile'>): Store {
  if (storeFile === null)
    throw new Error('there is no object store: the spec has no `backup` that partitions can go to');
  return openStore(storeSettings.parse(JSON.parse(readFileSync(storeFile, 'utf8'))));
}
