import { readTablePlans } from '../../cluster/partitions.ts';
import { PgscaleError } from '../../errors/pgscale-error.ts';
import type { ClusterSession } from '../cluster-session.ts';
import { leaderOf, readMembers } from '../switchover/look.ts';
import { findingsOf, type PartitionFinding } from './findings.ts';
import { chosenPolicies } from './look.ts';
import { explainQuery } from './why.ts';

/** Looks at every table with a policy. Changes nothing. @throws PgscaleError PGS_NO_LEADER, PGS_SQL, PGS_PARTITION_UNKNOWN */
export async function checkPartitions(session: ClusterSession, tables: readonly string[]): Promise<PartitionFinding[]> {
  const { spec } = session;
  const reader = session.host(leaderOf(await readMembers(session)));
  const databases = chosenPolicies(spec, tables).map(async (chosen) => {
    const plans = await readTablePlans(reader, spec, chosen);
    const pruning = chosen.policies.flatMap(({ table, queries }) =>
      queries.map((query) =>
        checkQuery(table, query, () => explainQuery(reader, spec, { database: chosen.database, plans }, query)),
      ),
    );
    return [...plans.flatMap(findingsOf), ...(await Promise.all(pruning)).flat()];
  });
  return (await Promise.all(databases)).flat();
}

async function checkQuery(
  table: string,
  query: string,
  explain: () => ReturnType<typeof explainQuery>,
): Promise<PartitionFinding[]> {
  const remedy = `\`pgscale partition why\` with the query: ${query}`;
  try {
    const touched = (await explain()).tables.find((each) => each.table === table);
    if (touched?.why === undefined) return [];
    const what = `a query touches all ${touched.total} partitions: ${touched.why}`;
    return [{ table, id: 'not-pruned', severity: 'error', what, remedy }];
  } catch (error) {
    if (!(error instanceof PgscaleError) || error.code !== 'PGS_SQL') throw error;
    return [{ table, id: 'query', severity: 'error', what: `a query of the spec fails: ${error.why ?? ''}`, remedy }];
  }
}
