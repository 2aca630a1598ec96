import { askDatabase, readTablePlans } from '../../cluster/partitions.ts';
import { PgscaleError } from '../../errors/pgscale-error.ts';
import { type Touched, touchedBy } from '../../partitions/explain.ts';
import type { Reader } from '../../host/host.ts';
import type { Spec } from '../../spec/schema.ts';
import type { ClusterSession } from '../cluster-session.ts';
import { leaderOf, readMembers } from '../switchover/look.ts';
import { chosenPolicies, type DatabasePlans } from './look.ts';

/** Which partitions a query touches, by its plan. */
export interface QueryView {
  readonly database: string;
  readonly query: string;
  readonly tables: readonly Touched[];
}

/**
 * Has the primary plan the query, which is not run, and tells which partitions it touches.
 * @throws PgscaleError PGS_SQL for a query that PostgreSQL does not understand, PGS_PARTITION_UNKNOWN, PGS_NO_LEADER
 */
export async function whyQuery(session: ClusterSession, query: string, database?: string): Promise<QueryView> {
  const { spec } = session;
  const all = chosenPolicies(spec, []);
  const chosen = database === undefined ? all[0] : all.find((each) => each.database === database);
  if (chosen === undefined || (database === undefined && all.length > 1)) {
    throw new PgscaleError('PGS_DATABASE_UNKNOWN', {
      what: `choose a database with partitions: ${all.map((each) => each.database).join(', ')}`,
      next: [`pgscale partition why --database ${all[0]?.database ?? 'NAME'} QUERY`],
    });
  }
  const reader = session.host(leaderOf(await readMembers(session)));
  const plans = await readTablePlans(reader, spec, chosen);
  return explainQuery(reader, spec, { database: chosen.database, plans }, query);
}

/** The same, of a database whose partitions are known. @throws PgscaleError PGS_SQL */
export async function explainQuery(
  reader: Reader,
  spec: Spec,
  { database, plans }: DatabasePlans,
  query: string,
): Promise<QueryView> {
  const generic = /\$\d/u.test(query) ? ', GENERIC_PLAN' : '';
  const text = `SET search_path = "$user", public; EXPLAIN (FORMAT JSON, VERBOSE${generic}) ${query}`;
  const json = await askDatabase(reader, spec, database, text);
  const tables = plans.flatMap(({ table, policy, found }) =>
    found === undefined ? [] : [{ table, column: policy.column, partitions: found.partitions }],
  );
  return { database, query, tables: touchedBy(json, tables) };
}
