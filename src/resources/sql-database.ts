import pg from 'pg';
import { z } from 'zod';

import { readRows, runSql } from '../sql/psql.ts';
import { resource, type Resource } from './resource.ts';

export interface SqlDatabaseDefinition {
  port: number;
  name: string;
  owner: string;
  extensions: readonly string[];
}

interface DatabaseState {
  owner: string;
  extensions: readonly string[];
}

const ownerRow = z.object({ owner: z.string() });
const extensionRow = z.object({ name: z.string() });

/** A database with its owner and extensions. Nothing in it is ever dropped. */
export function sqlDatabase(definition: SqlDatabaseDefinition): Resource {
  const { port, name, owner } = definition;
  const maintenance = { port, name: 'postgres' };
  return resource<DatabaseState | undefined>({
    id: `database:${name}`,
    read: async (reader) => {
      const [rows, extensions] = await Promise.all([
        readRows(reader, maintenance, {
          row: ownerRow,
          text: `select pg_get_userbyid(datdba) as owner from pg_database where datname = ${pg.escapeLiteral(name)}`,
        }),
        readRows(reader, { port, name }, { row: extensionRow, text: 'select extname as name from pg_extension' }),
      ]);
      const [row] = rows ?? [];
      return row === undefined
        ? undefined
        : { owner: row.owner, extensions: (extensions ?? []).map((each) => each.name) };
    },
    diff: (actual) => {
      if (actual === undefined) return { action: 'create', summary: `create database ${name}` };
      const changes = [
        ...(actual.owner === owner ? [] : [`owner ${actual.owner} → ${owner}`]),
        ...missingExtensions(definition, actual).map((each) => `create extension ${each}`),
      ];
      return changes.length === 0
        ? undefined
        : { action: 'update', summary: `database ${name}: ${changes.join(', ')}` };
    },
    apply: async (host) => {
      const create = `select format('create database %I owner %I', ${pg.escapeLiteral(name)}, ${pg.escapeLiteral(owner)}) where not exists (select from pg_database where datname = ${pg.escapeLiteral(name)}) \\gexec`;
      const alter = `alter database ${pg.escapeIdentifier(name)} owner to ${pg.escapeIdentifier(owner)};`;
      await runSql(host, maintenance, `${create}\n${alter}`, 120_000);
      const extensions = definition.extensions.map(
        (each) => `create extension if not exists ${pg.escapeIdentifier(each)};`,
      );
      if (extensions.length > 0) await runSql(host, { port, name }, extensions.join('\n'), 120_000);
    },
  });
}

function missingExtensions(definition: SqlDatabaseDefinition, actual: DatabaseState): string[] {
  return definition.extensions.filter((each) => !actual.extensions.includes(each));
}
