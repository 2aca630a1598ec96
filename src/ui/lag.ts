import chalk from 'chalk';

import { bytes } from './bytes.ts';
import { chart, type Series } from './chart.ts';
import { right, table } from './table.ts';
import { duration } from './time.ts';

interface ShownStandby {
  readonly name: string;
  readonly address: string | null;
  readonly state: string;
  readonly syncState: string;
  readonly sentLagBytes: number | null;
  readonly writeLagBytes: number | null;
  readonly flushLagBytes: number | null;
  readonly replayLagBytes: number | null;
  readonly replayLagSeconds: number | null;
}

export interface ShownLag {
  readonly primary: string;
  readonly standbys: readonly ShownStandby[];
  readonly exceeded: readonly string[];
}

const size = (count: number | null): string => (count === null ? '–' : bytes(count));

/** A table of the standbys, then the limits that are broken. */
export function renderLag({ primary, standbys, exceeded }: ShownLag): string {
  const rows = standbys.map((each) => [
    each.name,
    each.address ?? '–',
    each.state,
    each.syncState,
    size(each.sentLagBytes),
    size(each.writeLagBytes),
    size(each.flushLagBytes),
    size(each.replayLagBytes),
    each.replayLagSeconds === null ? '–' : duration(each.replayLagSeconds * 1000),
  ]);
  const columns = [
    'standby',
    'address',
    'state',
    'sync',
    right('not sent'),
    right('not written'),
    right('not flushed'),
    right('not replayed'),
    right('behind'),
  ];
  return [
    `${chalk.dim('primary')}  ${primary}`,
    standbys.length === 0 ? 'No standby is connected.' : table(columns, rows),
    ...exceeded.map((reason) => `${chalk.red('✖')} ${reason}`),
  ].join('\n');
}

/** One chart for each standby, of the bytes that it has still to replay. */
export function renderLagCharts(history: readonly Series[]): string {
  return history
    .map((series) => chart(series, { height: 6, format: (value) => bytes(Math.round(value)) }))
    .join('\n\n');
}
