import asciichart from 'asciichart';
import chalk from 'chalk';

/** One line of values over time, the latest last. */
export interface Series {
  readonly name: string;
  readonly values: readonly number[];
}

export interface ChartOptions {
  /** Lines of text for the curve. Default 8. */
  readonly height?: number;
  /** Columns of text; only the latest values that fit are drawn. Default 60. */
  readonly width?: number;
  /** How a value on the axis is written. */
  readonly format?: (value: number) => string;
}

/** A chart of one series, with its name and latest value above; without values, a line that says so. */
export function chart({ name, values }: Series, options: ChartOptions = {}): string {
  const { height = 8, width = 60, format = (value: number) => value.toFixed(1) } = options;
  const shown = values.slice(-width);
  const latest = shown.at(-1);
  if (latest === undefined) return `${chalk.bold(name)}  no values yet`;
  const top = Math.max(...shown);
  const labels = [0, top, top / 2].map((value) => format(value).length);
  const axisWidth = Math.max(10, ...labels);
  const curve = asciichart.plot([...shown], {
    height,
    min: 0,
    max: top === 0 ? 1 : top,
    format: (value) => format(value).padStart(axisWidth),
  });
  return `${chalk.bold(name)}  ${format(latest)}\n${curve.replaceAll(/ +$/gmu, '')}`;
}
