import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

import { StoreMissing } from '../store/missing.ts';
import type { Store } from '../store/store.ts';
import { type Archived, nameOf, type Note, noteOf, proven, putNote } from './archive.ts';
import { fed, program, type Psql } from './pg-program.ts';

/**
 * Brings a dumped table back, as it was, with the comment that says whose partition it is, but for its foreign keys: the
 * tables that they refer to would take no write until all rows are there and looked at. The attach makes them, without that.
 * @throws StoreMissing when there is none; Error when it is not what was written, or the table is there
 */
export async function bringBack(psql: Psql, store: Store, { database, id }: Archived): Promise<Note> {
  const name = nameOf({ database, id });
  const note = await noteOf(store, name);
  if (note === undefined) throw new StoreMissing(name);
  await proven(psql, store, name, note.sha256);
  const listing = program(psql, 'pg_restore', ['--list'], false);
  const [list] = await Promise.all([text(listing.stdout), fed(listing, await store.get(name))]);
  const folder = await mkdtemp(join(tmpdir(), 'pgscale-'));
  try {
    const listFile = join(folder, 'list');
    await writeFile(listFile, withoutForeignKeys(list));
    const words = ['--exit-on-error', '--single-transaction', `--use-list=${listFile}`, '-d', database];
    await fed(program(psql, 'pg_restore', words), await store.get(name));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  await putNote(store, name, { ...note, broughtBackAt: new Date().toISOString() });
  return note;
}

/** What `pg_restore --list` prints, a line for each thing. https://www.postgresql.org/docs/18/app-pgrestore.html */
export function withoutForeignKeys(list: string): string {
  return list
    .split('\n')
    .filter((line) => !/^\d+; \d+ \d+ FK CONSTRAINT /u.test(line))
    .join('\n');
}
