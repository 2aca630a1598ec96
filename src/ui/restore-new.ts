import chalk from 'chalk';

import { positionLines, renderSidePlan, type ShownPosition, type ShownSidePlan } from './restore.ts';
import { duration } from './time.ts';

const UNARCHIVED = 'its spec has no `backup`: nothing of it is archived';

/** What will be done, before it is. */
export function renderNewPlan(asked: {
  readonly from: string;
  readonly host: string;
  readonly target: string;
  readonly isArchiving: boolean;
  readonly side: ShownSidePlan | undefined;
  readonly goesOn: boolean;
  readonly plan: { readonly cluster: string };
}): string {
  const { from, host, target, isArchiving, side, goesOn, plan } = asked;
  const unread = goesOn
    ? 'an earlier run has brought the files; it goes on from there'
    : `nothing of ${from} can be asked; ${host} reads the archive as soon as it has pgBackRest`;
  const how =
    side === undefined
      ? `${chalk.bold(plan.cluster)} on ${host}: ${target}\n  ${unread}`
      : `${renderSidePlan(side)}, and what \`apply\` takes on bare hosts`;
  return [how, ...(isArchiving ? [] : [chalk.yellow(`  ${UNARCHIVED}`)])].join('\n');
}

/** What the new cluster is, and how to look at it. */
export function renderNew(
  restored: {
    readonly cluster: string;
    readonly host: string;
    readonly target: string;
    readonly isArchiving: boolean;
    readonly restoredTo: ShownPosition | null;
    readonly durationMs: number;
  },
  specPath: string,
): string {
  const { cluster, host, target, isArchiving, restoredTo, durationMs } = restored;
  return [
    `${chalk.green('✓')} ${chalk.bold(cluster)} is there in ${duration(durationMs)}: ${target}; ${host} leads`,
    ...(restoredTo === null ? [] : positionLines(restoredTo)),
    isArchiving
      ? `  its first full backup is being made: pgscale backup list --config ${specPath}`
      : chalk.yellow(`  ${UNARCHIVED}`),
    `  look at it        pgscale status --config ${specPath}`,
  ].join('\n');
}
