import chalk from 'chalk';

import { table } from './table.ts';
import { duration } from './time.ts';

interface ShownItem {
  readonly item: string;
  readonly verdict: 'ok' | 'warn' | 'fail';
  readonly text: string;
}

const MARKS = { ok: chalk.green('✓ ok'), warn: chalk.yellow('! warn'), fail: chalk.red('✖ fail') } as const;

/** What the pre-flight found, a line each. */
export function renderPreflight({
  from,
  to,
  items,
}: {
  from: string;
  to: string;
  items: readonly ShownItem[];
}): string {
  const rows = items.map(({ item, verdict, text }) => [item, MARKS[verdict], text]);
  return `${chalk.bold(`${from} → ${to}`)}\n${table(['pre-flight', 'verdict', 'what'], rows)}`;
}

export interface ShownSwitchover {
  readonly from: string;
  readonly to: string;
  readonly heldMs: number;
  readonly writeStallMs: number | null;
  readonly writerErrors: readonly string[];
  readonly timeline: {
    readonly pauseMs: number;
    readonly moveMs: number;
    readonly routeMs: number;
    readonly resumeMs: number;
  };
  readonly durationMs: number;
}

/** The outcome: who leads, and what clients noticed. */
export function renderSwitchover(done: ShownSwitchover): string {
  const { pauseMs, moveMs, routeMs, resumeMs } = done.timeline;
  const parts = `pause ${duration(pauseMs)}, move ${duration(moveMs)}, route ${duration(routeMs)}, resume ${duration(resumeMs)}`;
  const stall =
    done.writeStallMs === null ? 'not measured: no connection to the pool endpoint' : duration(done.writeStallMs);
  return [
    `${chalk.green('✓')} ${chalk.bold(done.to)} is the primary, ${done.from} follows (${duration(done.durationMs)} in all)`,
    `  poolers held   ${duration(done.heldMs)} (${parts})`,
    `  write stall    ${stall}`,
    ...done.writerErrors.map((error) => chalk.red(`  writer failed  ${error}`)),
  ].join('\n');
}
