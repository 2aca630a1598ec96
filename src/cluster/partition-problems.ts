import { text } from '../partitions/axis.ts';
import { coverageOfTable } from '../partitions/plan-table.ts';
import type { TablePlan } from '../partitions/plan.ts';
import type { PartitionReport } from './partitions.ts';
import type { Problem } from './picture.ts';

/** The timer rotates every ten minutes; a rotation may wait ten more for a long reader. */
const OVERDUE_MS = 40 * 60_000;

/** What is wrong with the partitions, as the primary tells it. Pure. */
export function partitionProblems(host: string, { outcome, plans }: PartitionReport, at: Date): Problem[] {
  return [...plans.flatMap(tableProblems), ...timerProblems(host, outcome, at)];
}

function tableProblems(plan: TablePlan): Problem[] {
  const { table, problems } = plan;
  const own = problems.map(({ severity, text: what }): Problem => {
    return { id: 'partition-policy', severity: severity === 'error' ? 'degraded' : 'notice', text: what };
  });
  const { until = null, isNextMissing = false, type } = coverageOfTable(plan) ?? {};
  if (!isNextMissing || until === null || type === undefined) return own;
  const what = `${table} has no partition for rows from ${text(until, type)} on; \`pgscale partition rotate\``;
  return [...own, { id: 'partition-missing', severity: 'degraded', text: what }];
}

function timerProblems(host: string, outcome: PartitionReport['outcome'], at: Date): Problem[] {
  const problem = (severity: Problem['severity'], what: string): Problem[] => [
    { id: 'partition-timer', severity, host, text: what },
  ];
  if (outcome === undefined) return problem('notice', 'the rotation of partitions has not run here yet');
  if (outcome.result === 'failed') return problem('degraded', `rotation of partitions: ${outcome.problems.join('; ')}`);
  const minutes = Math.floor((at.getTime() - Date.parse(outcome.at)) / 60_000);
  if (minutes * 60_000 < OVERDUE_MS) return [];
  return problem('degraded', `the rotation of partitions has not succeeded for ${minutes} minutes`);
}
