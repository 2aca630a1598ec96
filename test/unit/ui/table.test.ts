import { stripVTControlCharacters } from 'node:util';

import chalk from 'chalk';
import { afterEach, describe, expect, it } from 'vitest';

import { table } from '../../../src/ui/table.ts';

const level = chalk.level;
afterEach(() => void (chalk.level = level));

const COLUMNS = ['MEMBER', { heading: 'LAG', align: 'right' as const }, 'STATE'];
const EXPECTED = `MEMBER  LAG  STATE
pg1       0  primary
pg20    128  streaming
             from pg1`;

describe('table', () => {
  it('aligns without lines and without spaces at the ends', () => {
    chalk.level = 0;
    const rows = [
      ['pg1', 0, 'primary'],
      ['pg20', 128, 'streaming\nfrom pg1'],
    ];
    expect(table(COLUMNS, rows)).toBe(EXPECTED);
  });

  it('does not count colours as width', () => {
    chalk.level = 1;
    const rows = [
      ['pg1', 0, chalk.green('primary')],
      [chalk.red('pg20'), 128, 'streaming\nfrom pg1'],
    ];
    const text = table(COLUMNS, rows);
    expect(text).not.toBe(EXPECTED);
    expect(stripVTControlCharacters(text).replaceAll(/ +$/gmu, '')).toBe(EXPECTED);
  });
});
