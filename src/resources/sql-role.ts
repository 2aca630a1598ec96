import pg from 'pg';
import { z } from 'zod';

import { readRows, runSql, type Query } from '../sql/psql.ts';
import { matchesVerifier, scramVerifier } from '../sql/scram.ts';
import { resource, type Change, type Resource } from './resource.ts';

export interface SqlRoleDefinition {
  port: number;
  name: string;
  password: string;
  attributes?: { createdb?: boolean; replication?: boolean; connectionLimit?: number };
  memberOf?: readonly string[];
  /** Functions that the role may execute, `pg_catalog.pg_ls_dir(text, boolean, boolean)`. */
  mayExecute?: readonly string[];
}

const rowSchema = z.object({
  login: z.boolean(),
  createdb: z.boolean(),
  replication: z.boolean(),
  connectionLimit: z.number(),
  password: z.string().nullable(),
  memberOf: z.array(z.string()),
  executes: z.array(z.boolean()),
});
type RoleRow = z.output<typeof rowSchema>;

function roleQuery(definition: SqlRoleDefinition): Query<RoleRow> {
  const functions = (definition.mayExecute ?? []).map(
    (each) => `has_function_privilege(r.oid, ${pg.escapeLiteral(each)}, 'execute')`,
  );
  return {
    row: rowSchema,
    text: `select r.rolcanlogin as login, r.rolcreatedb as createdb, r.rolreplication as replication,
       r.rolconnlimit as "connectionLimit", r.rolpassword as password,
       array(select g.rolname::text from pg_auth_members m join pg_roles g on g.oid = m.roleid where m.member = r.oid) as "memberOf",
       array[${functions.join(', ')}]::boolean[] as executes
     from pg_authid r where r.rolname = ${pg.escapeLiteral(definition.name)}`,
  };
}

/** A login role with its password (stored as a SCRAM verifier), attributes and memberships. */
export function sqlRole(definition: SqlRoleDefinition): Resource {
  const database = { port: definition.port, name: 'postgres' };
  return resource<RoleRow | undefined>({
    id: `role:${definition.name}`,
    read: async (reader) => (await readRows(reader, database, roleQuery(definition)))?.[0],
    diff: (actual) => roleChange(definition, actual),
    apply: async (host) => {
      await runSql(host, database, roleStatements(definition));
    },
  });
}

function wantedAttributes(
  definition: SqlRoleDefinition,
): Pick<RoleRow, 'createdb' | 'replication' | 'connectionLimit'> {
  const { createdb = false, replication = false, connectionLimit = -1 } = definition.attributes ?? {};
  return { createdb, replication, connectionLimit };
}

/** What differs for a role; pure. */
export function roleChange(definition: SqlRoleDefinition, actual: RoleRow | undefined): Change | undefined {
  if (actual === undefined) return { action: 'create', summary: `create role ${definition.name}` };
  const changes: string[] = [];
  if (!actual.login) changes.push('login');
  for (const [key, value] of Object.entries(wantedAttributes(definition))) {
    if (actual[key as keyof RoleRow] !== value) changes.push(`${key} ${String(value)}`);
  }
  if (actual.password === null || !matchesVerifier(actual.password, definition.password)) changes.push('password');
  changes.push(
    ...(definition.memberOf ?? []).filter((name) => !actual.memberOf.includes(name)).map((name) => `member of ${name}`),
  );
  if (actual.executes.includes(false)) changes.push('function privileges');
  return changes.length === 0
    ? undefined
    : { action: 'update', summary: `change role ${definition.name}: ${changes.join(', ')}` };
}

function roleStatements(definition: SqlRoleDefinition): string {
  const name = pg.escapeIdentifier(definition.name);
  const { createdb, replication, connectionLimit } = wantedAttributes(definition);
  const options = [
    'login',
    createdb ? 'createdb' : 'nocreatedb',
    replication ? 'replication' : 'noreplication',
    `connection limit ${connectionLimit}`,
    `password ${pg.escapeLiteral(scramVerifier(definition.password))}`,
  ].join(' ');
  return [
    `select format('create role %I', ${pg.escapeLiteral(definition.name)}) where not exists (select from pg_roles where rolname = ${pg.escapeLiteral(definition.name)}) \\gexec`,
    `alter role ${name} with ${options};`,
    ...(definition.memberOf ?? []).map((each) => `grant ${pg.escapeIdentifier(each)} to ${name};`),
    ...(definition.mayExecute ?? []).map((each) => `grant execute on function ${each} to ${name};`),
  ].join('\n');
}
