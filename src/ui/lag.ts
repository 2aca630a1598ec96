import chalk from 'chalk';

import { bytes } from './bytes.ts';
import { chart } from './chart.ts';
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

const HISTORY = 60;

/** What `lag --watch` shows: the lag, and a chart for each standby of the bytes that it has still to replay. */
export class LagScreen {
  readonly #history = new Map<string, number[]>();

  /** @param lag Where there is no primary, why: the charts stay, and go on with the next one */
  show(lag: ShownLag | { readonly noPrimary: string }): string {
    if ('noPrimary' in lag) {
      const text = `${chalk.yellow('no primary at the moment')}, so nobody knows the lag; looking again\n${lag.noPrimary}`;
      return `${text}\n\n${this.#charts()}`;
    }
    for (const { name, replayLagBytes } of lag.standbys) {
      this.#history.set(name, [...(this.#history.get(name) ?? []), replayLagBytes ?? 0].slice(-HISTORY));
    }
    return `${renderLag(lag)}\n\n${this.#charts()}`;
  }

  #charts(): string {
    return [...this.#history]
      .map(([name, values]) => ({ name, values }))
      .map((series) => chart(series, { height: 6, format: (value) => bytes(Math.round(value)) }))
      .join('\n\n');
  }
}
