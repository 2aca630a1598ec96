import { type DatabasePolicies, readTablePlans } from '../../cluster/partitions.ts';
import { PgscaleError } from '../../errors/pgscale-error.ts';
import type { TablePlan } from '../../partitions/plan.ts';
import { policiesByDatabase } from '../../spec/partitions.ts';
import type { Spec } from '../../spec/schema.ts';
import type { ClusterSession } from '../cluster-session.ts';
import { leaderOf, readMembers } from '../switchover/look.ts';

/** The tables of one database, and what a rotation would do with them. */
export interface DatabasePlans {
  readonly database: string;
  readonly plans: readonly TablePlan[];
}

/** The policies that a command is for, by database. @throws PgscaleError PGS_PARTITION_UNKNOWN for a table without one */
export function chosenPolicies(spec: Spec, tables: readonly string[]): DatabasePolicies[] {
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
    chosen.map(async (each) => ({
      database: each.database,
      plans: await readTablePlans(reader, session.spec, each),
    })),
  );
}
