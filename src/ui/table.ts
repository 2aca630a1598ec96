import chalk from 'chalk';
import Table from 'cli-table3';

/** A column: its heading, and to which side its cells go. */
export interface Column {
  readonly heading: string;
  readonly align?: 'left' | 'right';
}

/** A column of numbers. */
export function right(heading: string): Column {
  return { heading, align: 'right' };
}

const NO_BORDERS = Object.fromEntries(
  ['top', 'bottom', 'left', 'right', 'mid']
    .flatMap((side) => [side, `${side}-mid`, `${side}-left`, `${side}-right`])
    .concat('middle')
    .map((part) => [part, '']),
);

/**
 * Rows under headings, in columns two spaces apart, without lines. Cells may have colours and several lines; no line
 * ends in spaces.
 */
export function table(columns: readonly (string | Column)[], rows: readonly (readonly (string | number)[])[]): string {
  const all = columns.map((column): Column => (typeof column === 'string' ? { heading: column } : column));
  const grid = new Table({
    head: all.map(({ heading }) => chalk.bold(heading)),
    colAligns: all.map(({ align }) => align ?? 'left'),
    chars: NO_BORDERS,
    style: { 'padding-left': 0, 'padding-right': 2, head: [], border: [] },
  });
  grid.push(...rows.map((row) => row.map(String)));
  return grid.toString().replaceAll(/[^\S\n]+$/gmu, '');
}
