import { PgscaleError } from '../errors/pgscale-error.ts';
import { sh } from '../host/command.ts';
import type { Reader } from '../host/host.ts';
import { parseJson } from '../host/parse-json.ts';
import { look, SESSION_SETTINGS } from '../partitions/look.ts';
import { type Outcome, outcomeSchema } from '../partitions/outcome.ts';
import { planTables } from '../partitions/plan-table.ts';
import type { TablePlan } from '../partitions/plan.ts';
import { PARTITIONS } from '../spec/layout.ts';
import { type PartitionSpec, policiesByDatabase, policyOf } from '../spec/partitions.ts';
import type { Spec } from '../spec/schema.ts';
import { psqlCommand } from '../sql/psql.ts';

/** What a database host says of the partitions. */
export interface PartitionReport {
  /** How the timer's last rotation on this host ended; undefined when there was none. */
  readonly outcome: Outcome | undefined;
  readonly plans: readonly TablePlan[];
}

/** Policies of one database. */
export interface DatabasePolicies {
  readonly database: string;
  readonly policies: readonly PartitionSpec[];
}

/** What `status` shows of the partitions; undefined without policies. Changes nothing. @throws PgscaleError PGS_SQL */
export async function readPartitionReport(reader: Reader, spec: Spec): Promise<PartitionReport | undefined> {
  if (spec.partitions.length === 0) return undefined;
  const [file, plans] = await Promise.all([
    reader.readFile(PARTITIONS.outcomeFile),
    Promise.all(policiesByDatabase(spec).map((each) => readTablePlans(reader, spec, each))),
  ]);
  return { outcome: file === undefined ? undefined : parseJson(outcomeSchema, file.content), plans: plans.flat() };
}

/** What a rotation would do with the tables of one database, as this host's server has them. @throws PgscaleError PGS_SQL */
export async function readTablePlans(
  reader: Reader,
  spec: Spec,
  { database, policies }: DatabasePolicies,
): Promise<TablePlan[]> {
  const own = policies.map(policyOf);
  return planTables(own, await look((query) => askDatabase(reader, spec, database, query), own));
}

/** What psql prints for a query; one that does not ask for READ WRITE can change nothing. @throws PgscaleError PGS_SQL */
export async function askDatabase(reader: Reader, spec: Spec, database: string, query: string): Promise<string> {
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
