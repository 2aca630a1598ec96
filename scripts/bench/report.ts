import { cpus, loadavg, totalmem } from 'node:os';

import chalk from 'chalk';
import Table from 'cli-table3';
import prettyBytes from 'pretty-bytes';

import { median, type Measurement } from './measurement.ts';

/** What the numbers were measured on. */
export interface Machine {
  readonly node: string;
  readonly cpu: string;
  readonly cpuCount: number;
  readonly memoryBytes: number;
  /** Over the last minute, before the first measurement. */
  readonly load: number;
}

export function machine(): Machine {
  const [load = 0] = loadavg();
  const [first] = cpus();
  const memoryBytes = totalmem();
  return { node: process.version, cpu: first?.model ?? 'unknown', cpuCount: cpus().length, memoryBytes, load };
}

export function machineLine({ node, cpu, cpuCount, memoryBytes, load }: Machine): string {
  return `${cpuCount} × ${cpu}, ${prettyBytes(memoryBytes)}, Node ${node}, load ${load.toFixed(1)}`;
}

/** A measurement with what follows from its runs. */
export function summary(measurement: Measurement): Measurement & { median: number; ratio?: number; isMet?: boolean } {
  const { runs, target, baseline } = measurement;
  const middle = median(runs);
  return {
    ...measurement,
    median: middle,
    ...(baseline === undefined ? {} : { ratio: middle / median(baseline.runs) }),
    ...(target === undefined ? {} : { isMet: middle <= target }),
  };
}

/** A table of one section. */
export function sectionTable(measurements: readonly Measurement[]): string {
  const table = new Table({
    head: ['', 'median', 'range', 'runs', 'target', 'beside it'].map((title) => chalk.bold(title)),
    style: { head: [], border: [], compact: true },
  });
  for (const each of measurements.map(summary)) {
    const { unit, runs, target, baseline, ratio, isMet } = each;
    const met = isMet === true ? chalk.green : chalk.red;
    table.push([
      each.name,
      value(each.median, unit),
      runs.length > 1 ? `${value(Math.min(...runs), unit)} – ${value(Math.max(...runs), unit)}` : '',
      String(runs.length),
      target === undefined ? '' : met(`${isMet === true ? '✔' : '✘'} ≤ ${value(target, unit)}`),
      baseline === undefined
        ? ''
        : `${ratio?.toFixed(1) ?? '?'} × ${baseline.name} (${value(median(baseline.runs), unit)})`,
    ]);
  }
  return table.toString();
}

function value(amount: number, unit: Measurement['unit']): string {
  if (unit === 'bytes') return prettyBytes(amount);
  if (unit === 'count') return String(amount);
  return `${amount.toFixed(unit === 's' ? 2 : 1)} ${unit}`;
}
