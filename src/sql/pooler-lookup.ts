import { z } from 'zod';

import { OWN_ROLES, OWN_SCHEMA } from '../spec/layout.ts';
import type { Query } from './psql.ts';

/** What PgBouncer asks to verify the password of a client that it does not know. */
export const POOLER_LOOKUP_CALL = `SELECT uname, phash FROM ${OWN_SCHEMA}.user_lookup($1)`;

const BODY = `
  select rolname::text, case when rolvaliduntil < now() then null else rolpassword end
  from pg_catalog.pg_authid
  where rolname = username and rolcanlogin and not rolsuper and not rolreplication
    and rolname not in ('${Object.values(OWN_ROLES).join("', '")}')
`;

/**
 * Makes the look-up function. It runs as its owner (the superuser), because only that may read password verifiers; it
 * gives none of a superuser, a replication role or a role of pgscale's own. Run twice, it ends the same.
 */
export const POOLER_LOOKUP_STATEMENTS = `
create schema if not exists ${OWN_SCHEMA};
create or replace function ${OWN_SCHEMA}.user_lookup(in username text, out uname text, out phash text)
  returns record language sql stable security definer set search_path = pg_catalog, pg_temp
  as $lookup$${BODY}$lookup$;
revoke all on function ${OWN_SCHEMA}.user_lookup(text) from public;
grant usage on schema ${OWN_SCHEMA} to ${OWN_ROLES.poolerAuth};
grant execute on function ${OWN_SCHEMA}.user_lookup(text) to ${OWN_ROLES.poolerAuth};
`;

const rowSchema = z.object({ isCurrent: z.boolean(), isPublic: z.boolean(), isGranted: z.boolean() });
export type PoolerLookup = z.output<typeof rowSchema>;

/** Whether the function is there, is this version of it, and is for the pooler's role alone. No row: it is not there. */
export const POOLER_LOOKUP_STATE: Query<PoolerLookup> = {
  row: rowSchema,
  text: `select p.prosecdef and p.prosrc = $lookup$${BODY}$lookup$ as "isCurrent",
      exists (select from aclexplode(p.proacl) a where a.grantee = 0) or p.proacl is null as "isPublic",
      coalesce((select has_function_privilege(r.oid, p.oid, 'execute') and has_schema_privilege(r.oid, n.oid, 'usage')
        from pg_roles r where r.rolname = '${OWN_ROLES.poolerAuth}'), false) as "isGranted"
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname = '${OWN_SCHEMA}' and p.proname = 'user_lookup'`,
};
