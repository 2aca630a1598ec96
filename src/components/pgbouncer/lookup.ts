import { resource, type Change, type Resource } from '../../resources/resource.ts';
import { POOLER_LOOKUP_STATE, POOLER_LOOKUP_STATEMENTS, type PoolerLookup } from '../../sql/pooler-lookup.ts';
import { readRows, runSql } from '../../sql/psql.ts';
import { LOOKUP_DATABASE } from './settings.ts';

/** The function by which PgBouncer looks up password verifiers. The pooler's role has to be there before. */
export function poolerLookup(port: number): Resource {
  const database = { port, name: LOOKUP_DATABASE };
  return resource<PoolerLookup | undefined>({
    id: 'function:pooler-lookup',
    read: async (reader) => (await readRows(reader, database, POOLER_LOOKUP_STATE))?.[0],
    diff: lookupChange,
    apply: async (host) => {
      await runSql(host, database, POOLER_LOOKUP_STATEMENTS);
    },
  });
}

/** What differs; pure. */
export function lookupChange(actual: PoolerLookup | undefined): Change | undefined {
  if (actual === undefined) return { action: 'create', summary: 'create the password look-up function of PgBouncer' };
  const isRight = actual.isCurrent && !actual.isPublic && actual.isGranted;
  return isRight ? undefined : { action: 'update', summary: 'change the password look-up function of PgBouncer' };
}
