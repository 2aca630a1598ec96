import type { Problem, TablePlan } from '../../partitions/plan.ts';
import type { DatabasePlans } from './look.ts';
import { SESSION_SCRIPT, tableScript } from './plan-script.ts';

/** What a rotation would run for one table. */
export interface PartitionPlan {
  readonly database: string;
  readonly table: string;
  readonly problems: readonly Problem[];
  /** What the session of the database begins with, once for all of its tables. */
  readonly session: readonly string[];
  /** Limits, and under them transactions, exactly as they would be run; what is no SQL is a comment. */
  readonly statements: readonly string[];
  /** What would be dropped: rows by the statistics, bytes with indexes and TOAST. */
  readonly drops: { readonly partitions: number; readonly rows: number; readonly bytes: number };
  /** What would be detached and stay as tables of their own. */
  readonly detaches: { readonly partitions: number; readonly rows: number; readonly bytes: number };
  /** False when nothing has to change: BRIN is brought up to date in any case. */
  readonly isChanging: boolean;
}

/** Pure. */
export function partitionPlans(databases: readonly DatabasePlans[]): PartitionPlan[] {
  return databases.flatMap(({ database, plans }) => plans.map((plan) => partitionPlan(database, plan)));
}

function partitionPlan(database: string, plan: TablePlan): PartitionPlan {
  const { table, problems, actions } = plan;
  const dropped = actions.flatMap((action) => (action.kind === 'drop' ? action : []));
  const detached = actions.flatMap((action) => (action.kind === 'detach' && action.mark.then === 'keep' ? action : []));
  return {
    database,
    table,
    problems,
    session: SESSION_SCRIPT,
    statements: tableScript(plan),
    drops: sum(dropped),
    detaches: sum(detached),
    isChanging: actions.some(({ kind }) => kind !== 'summarize'),
  };
}

function sum(actions: readonly { rows: number; bytes: number }[]): PartitionPlan['drops'] {
  return {
    partitions: actions.length,
    rows: actions.reduce((total, { rows }) => total + rows, 0),
    bytes: actions.reduce((total, { bytes }) => total + bytes, 0),
  };
}
