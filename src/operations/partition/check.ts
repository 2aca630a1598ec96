import { askDatabase, readTablePlans } from '../../cluster/partitions.ts';
import { PgscaleError } from '../../errors/pgscale-error.ts';
import { closedBrins, lookAtBrin } from '../../partitions/brin.ts';
import type { Ask } from '../../partitions/look.ts';
import type { TablePlan } from '../../partitions/plan.ts';
import type { ClusterSession } from '../cluster-session.ts';
import { leaderOf, readMembers } from '../switchover/look.ts';
import { brinFindings, findingsOf, type PartitionFinding } from './findings.ts';
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
    const brin = checkBrin(plans, (query) => askDatabase(reader, spec, chosen.database, query));
    return [...plans.flatMap(findingsOf), ...(await Promise.all([brin, ...pruning])).flat()];
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

async function checkBrin(plans: readonly TablePlan[], ask: Ask): Promise<PartitionFinding[]> {
  const tables = plans.filter((plan) => closedBrins(plan).length > 0).map(({ table }) => table);
  if (tables.length === 0) return [];
  try {
    const summaries = await lookAtBrin(ask, tables);
    return plans.flatMap((plan) => brinFindings(plan, summaries));
  } catch (error) {
    if (!(error instanceof PgscaleError) || error.code !== 'PGS_SQL') throw error;
    const what = `whether BRIN indexes are summarized could not be seen: ${error.why ?? ''}`;
    return tables.map((table) => ({
      table,
      id: 'brin-unseen',
      severity: 'notice',
      what,
      remedy: 'what it says, then the same again',
    }));
  }
}
