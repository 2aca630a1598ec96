import chalk from 'chalk';

import { renderOutages, type ShownOutages } from './outage.ts';
import { colourDiff } from './diff.ts';

interface ShownChange {
  readonly component: string;
  readonly summary: string;
  readonly diff?: string;
  readonly interruption?: string;
}

interface ShownPlan {
  readonly changeCount: number;
  readonly unsettled: string | null;
  readonly outages: ShownOutages | null;
  readonly hosts: readonly {
    readonly host: string;
    readonly changes: readonly ShownChange[];
    readonly units: readonly { unit: string; how: string }[];
    readonly foreign: readonly string[];
  }[];
  readonly clusterChanges: readonly ShownChange[];
  readonly steps: readonly { readonly title: string; readonly interruption?: string }[];
}

/** The plan as a person reads it: per host what changes, then the steps in order and what users will notice. */
export function renderPlan(plan: ShownPlan): string {
  const promised = plan.outages === null ? [] : [renderOutages(plan.outages)];
  if (plan.changeCount === 0) {
    const waits =
      plan.unsettled === null ? [] : [chalk.yellow(`Not settled yet: ${plan.unsettled}; \`apply\` waits for it.`)];
    return [chalk.green('No changes: every host is what the spec says.'), ...waits, ...promised].join('\n');
  }
  const hosts = plan.hosts.filter(({ changes, foreign }) => changes.length > 0 || foreign.length > 0);
  return [
    ...hosts.flatMap((host) => [
      chalk.bold(host.host),
      ...host.changes.flatMap(changeLines),
      ...host.units.map(({ unit, how }) => `  ${chalk.yellow('↻')} ${how} ${unit}`),
      ...host.foreign.map((reason) => `  ${chalk.red('✖')} ${reason}`),
      '',
    ]),
    ...(plan.clusterChanges.length === 0
      ? []
      : [chalk.bold('cluster'), ...plan.clusterChanges.flatMap(changeLines), '']),
    chalk.bold('Steps'),
    ...plan.steps.map(({ title, interruption }, index) => stepLine(index + 1, title, interruption)),
    '',
    `${plan.changeCount} ${plan.changeCount === 1 ? 'change' : 'changes'}. ${interruptions(plan)}`,
    ...promised,
  ].join('\n');
}

function changeLines({ component, summary, diff }: ShownChange): string[] {
  const line = `  ${chalk.green('+')} ${summary} ${chalk.dim(`(${component})`)}`;
  return diff === undefined
    ? [line]
    : [
        line,
        ...colourDiff(diff)
          .split('\n')
          .map((each) => `      ${each}`),
      ];
}

function stepLine(number: number, title: string, interruption: string | undefined): string {
  const notice = interruption === undefined ? '' : chalk.yellow(`  ⚠ ${interruption}`);
  return `  ${String(number).padStart(2)}. ${title}${notice}`;
}

function interruptions(plan: ShownPlan): string {
  const count = plan.steps.filter((step) => step.interruption !== undefined).length;
  return count === 0
    ? 'No interruption is expected.'
    : chalk.yellow(`${count} of the steps interrupt users, see ⚠ above.`);
}
