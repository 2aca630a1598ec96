import { type BrinSummary, closedBrins } from '../../partitions/brin.ts';
import { coverageOfTable } from '../../partitions/plan-table.ts';
import { missingIndexes, type TablePlan } from '../../partitions/plan.ts';
import { quoteLiteral } from '../../partitions/statements.ts';

/** Something about a partitioned table that is not as it should be. */
export interface PartitionFinding {
  readonly table: string;
  /** Stable, for scripts. */
  readonly id: string;
  readonly severity: 'error' | 'notice';
  readonly what: string;
  readonly remedy: string;
}

/** From here on planning a query that does not prune takes tens of milliseconds (docs/decisions/partition-rotation.md). */
const MANY = 1000;
const ROTATE = '`pgscale partition rotate`';

/** What the catalog shows of one table. Pure. */
export function findingsOf(plan: TablePlan): PartitionFinding[] {
  const { table, problems, found } = plan;
  const finding = (id: string, what: string, severity: 'error' | 'notice' = 'error'): PartitionFinding => ({
    ...{ table, id, severity, what },
    remedy: severity === 'error' ? ROTATE : `ANALYZE ${table}`,
  });
  if (found === undefined || problems.length > 0) {
    return problems.map(({ id, severity, text }) => ({
      table,
      id,
      severity,
      what: text,
      remedy: 'the spec or the table',
    }));
  }
  const pending = found.partitions.filter(({ isDetachPending }) => isDetachPending);
  const invalid = found.partitions.flatMap(({ indexes }) => indexes.filter(({ isValid }) => !isValid));
  const bare = missingIndexes(plan.policy, found.partitions);
  const apart = plan.actions.filter(({ kind }) => kind === 'drop');
  return [
    ...coverageFindings(plan).map(({ id, what }) => finding(id, what)),
    ...pending.map(({ id }) => finding('detach-pending', `the detach of ${id} was interrupted`)),
    ...invalid.map(({ name }) => finding('index-invalid', `the index ${name} is not valid`)),
    ...bare.map(({ id, ...action }) =>
      finding('index-missing', `${id} has no index ${action.kind === 'index' ? indexText(action.index) : ''}`),
    ),
    ...(apart.length > 0 ? [finding('overdue', `${apart.length} partitions are older than the retention`)] : []),
    ...(found.partitions.length > MANY
      ? [
          {
            ...finding(
              'many',
              `${found.partitions.length} partitions: every query that does not prune is slow to plan`,
            ),
            remedy: 'a longer step',
          },
        ]
      : []),
    ...(found.lastAnalyze === null
      ? [
          finding(
            'never-analyzed',
            'the table has no statistics of its own: autovacuum analyzes partitions only',
            'notice',
          ),
        ]
      : []),
  ];
}

/** What BRIN indexes do not know of partitions that are over. A rotation sees to the one that was closed last. Pure. */
export function brinFindings(plan: TablePlan, summaries: readonly BrinSummary[]): PartitionFinding[] {
  const closed = new Set(closedBrins(plan));
  return summaries
    .filter(({ index }) => closed.has(index))
    .map(({ index, ranges, unsummarized }) => {
      // The timer comes every few minutes, so that one which was just closed is nothing to wake anybody for.
      const isPlanned = plan.actions.some((action) => action.kind === 'summarize' && action.index === index);
      return {
        table: plan.table,
        id: 'brin-unsummarized',
        severity: isPlanned ? 'notice' : 'error',
        what: `the BRIN index ${index} has ${unsummarized} of ${ranges} ranges that are not summarized: every query reads them`,
        remedy: isPlanned ? ROTATE : `SELECT brin_summarize_new_values(${quoteLiteral(index)})`,
      };
    });
}

function coverageFindings(plan: TablePlan): { id: string; what: string }[] {
  const creates = plan.actions.filter(({ kind }) => kind === 'create' || kind === 'attach');
  const ids = [...new Set(creates.map(({ id }) => id))];
  const missing = ids.length === 0 ? [] : [{ id: 'missing', what: `partitions are missing: ${ids.join(', ')}` }];
  return coverageOfTable(plan)?.isNextMissing === true
    ? [{ id: 'next-missing', what: 'the next partition is missing: writes will fail soon' }, ...missing]
    : missing;
}

function indexText({ method, columns }: { method: string; columns: readonly string[] }): string {
  return `${method} (${columns.join(', ')})`;
}
