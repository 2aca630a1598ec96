import chalk from 'chalk';

import { right, table } from './table.ts';

interface ShownPooler {
  readonly host: string;
  readonly process: number;
  readonly isUp: boolean;
  readonly paused: readonly string[];
  readonly clientsActive?: number;
  readonly clientsWaiting?: number;
  readonly serversActive?: number;
  readonly serversIdle?: number;
  readonly maxWaitSeconds?: number;
}

/** One line for each PgBouncer process, then what is wrong with the hosts. */
export function renderPoolers(poolers: readonly ShownPooler[], problems: readonly string[] = []): string {
  const columns = [
    'host',
    right('process'),
    'state',
    right('clients'),
    right('waiting'),
    right('servers'),
    right('idle'),
    right('longest wait'),
  ];
  const rows = poolers.map((each) => [
    each.host,
    each.process,
    state(each),
    ...[each.clientsActive, each.clientsWaiting, each.serversActive, each.serversIdle].map((count) => count ?? '–'),
    each.maxWaitSeconds === undefined ? '–' : `${each.maxWaitSeconds}s`,
  ]);
  return [table(columns, rows), ...problems.map((text) => `${chalk.red('✖')} ${text}`)].join('\n');
}

function state({ isUp, paused }: ShownPooler): string {
  if (!isUp) return chalk.red('no answer');
  return paused.length === 0 ? 'ok' : chalk.yellow(`paused: ${paused.join(', ')}`);
}
