import { sqlDatabase } from '../../resources/sql-database.ts';
import { sqlRole } from '../../resources/sql-role.ts';
import type { Resource } from '../../resources/resource.ts';
import { OWN_ROLES } from '../../spec/layout.ts';
import type { Target } from '../component.ts';

/**
 * What pg_rewind calls when its role is no superuser.
 * https://www.postgresql.org/docs/18/app-pgrewind.html#id-1.9.5.11.8
 */
const REWIND_FUNCTIONS = [
  'pg_catalog.pg_ls_dir(text, boolean, boolean)',
  'pg_catalog.pg_stat_file(text, boolean)',
  'pg_catalog.pg_read_binary_file(text)',
  'pg_catalog.pg_read_binary_file(text, bigint, bigint, boolean)',
];

/** pgscale's own roles, then the roles and databases of the spec. Pure. */
export function postgresClusterResources({ spec, secrets }: Target): Resource[] {
  const { port } = spec.postgres;
  const { passwords } = secrets;
  return [
    sqlRole({ port, name: OWN_ROLES.replication, password: passwords.replication, attributes: { replication: true } }),
    sqlRole({ port, name: OWN_ROLES.rewind, password: passwords.rewind, mayExecute: REWIND_FUNCTIONS }),
    sqlRole({ port, name: OWN_ROLES.poolerAuth, password: passwords.poolerAuth }),
    ...spec.roles.map(({ name, createdb, connectionLimit, memberOf }) =>
      sqlRole({ port, name, password: secrets.roles[name] ?? '', attributes: { createdb, connectionLimit }, memberOf }),
    ),
    ...spec.databases.map(({ name, owner, extensions }) => sqlDatabase({ port, name, owner, extensions })),
  ];
}
