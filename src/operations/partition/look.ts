import { PgscaleError } from '../../errors/pgscale-error.ts';
import { sh } from '../../host/command.ts';
import type { Reader } from '../../host/host.ts';
import { look, SESSION_SETTINGS } from '../../partitions/look.ts';
import { planTables } from '../../partitions/plan-table.ts';
import type { TablePlan } from '../../partitions/plan.ts';
import { type PartitionSpec, policiesByDatabase, policyOf } from '../../spec/partitions.ts';
import type { Spec } from '../../spec/schema.ts';
import { psqlCommand } from '../../sql/psql.ts';
import type { ClusterSession } from '../cluster-session.ts';
import { leaderOf, readMembers } from '../switchover/look.ts';

/** The tables of one database, and what a rotation would do with them. */
export interface DatabasePlans {
  readonly database: string;
  readonly plans: readonly TablePlan[];
}

/** The policies that a command is for, by database. @throws PgscaleError PGS_PARTITION_UNKNOWN for a table without one */
export function chosenPolicies(
  spec: Spec,
  tables: readonly string[],
): { database: string; policies: readonly PartitionSpec[] }[] {
  const wanted = tables.map((name) => (name.includes('.') ? name : `public.${name}`));
  const unknown = wanted.filter((name) => !spec.partitions.some(({ table }) => table === name));
  if (unknown.length > 0 || spec.partitions.length === 0) {
    throw new PgscaleError('PGS_PARTITION_UNKNOWN', {
      what: unknown.length > 0 ? `the spec has no policy for ${unknown.join(', ')}` : 'the spec has no `partitions`',
      why: `it has ${spec.partitions.map(({ table }) => table).join(', ') || 'none'}`,
    });
  }
  return policiesByDatabase(spec)
    .map(({ database, policies }) => ({
      database,
      policies: policies.filter(({ table }) => wanted.length === 0 || wanted.includes(table)),
    }))
    .filter(({ policies }) => policies.length > 0);
}

/** What the primary has of the tables, and what a rotation would do. Changes nothing. @throws PgscaleError PGS_NO_LEADER, PGS_SQL */
export async function readPlans(session: ClusterSession, tables: readonly string[] = []): Promise<DatabasePlans[]> {
  const chosen = chosenPolicies(session.spec, tables);
  const reader = session.host(leaderOf(await readMembers(session)));
  return Promise.all(
    chosen.map(async ({ database, policies }) => ({
      database,
      plans: await plansOf(reader, session.spec, { database, policies }),
    })),
  );
}

/** The plans of one database, by what this host's server says. Changes nothing. @throws PgscaleError PGS_SQL */
export async function plansOf(
  reader: Reader,
  spec: Spec,
  { database, policies }: { database: string; policies: readonly PartitionSpec[] },
): Promise<TablePlan[]> {
  const own = policies.map(policyOf);
  const seen = await look((query) => ask(reader, spec, database, query), own);
  return planTables(own, seen);
}

/** What psql prints for one SELECT; nothing can be changed by it. @throws PgscaleError PGS_SQL */
export async function ask(reader: Reader, spec: Spec, database: string, query: string): Promise<string> {
  const psql = psqlCommand({ port: spec.postgres.port, name: database });
  const settings = `${SESSION_SETTINGS}; SET default_transaction_read_only = on`;
  const answer = await reader.read(sh`${psql} -c ${settings} -c ${query}`);
  if (answer.exitCode === 0) return answer.stdout.trim();
  throw new PgscaleError('PGS_SQL', {
    what: `a query failed on ${reader.name}, database ${database}`,
    host: reader.name,
    why: answer.stderr,
  });
}
