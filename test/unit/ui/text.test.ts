import chalk from 'chalk';
import { beforeAll, describe, expect, it } from 'vitest';

import { bytes } from '../../../src/ui/bytes.ts';
import { chart } from '../../../src/ui/chart.ts';
import { colourDiff } from '../../../src/ui/diff.ts';
import { envelope } from '../../../src/ui/json.ts';
import { duration } from '../../../src/ui/time.ts';

beforeAll(() => void (chalk.level = 0));

describe('sizes and times', () => {
  it.each([
    [0, '0 B'],
    [1536, '1.5 KiB'],
    [16 * 1024 ** 2, '16 MiB'],
  ])('%d bytes are %s', (count, text) => {
    expect(bytes(count)).toBe(text);
  });

  it.each([
    [12.4, '12ms'],
    [1234, '1.2s'],
    [61_234, '1m 1s'],
    [5 * 86_400_000 + 4 * 3_600_000 + 60_000, '5d 4h'],
  ])('%d ms are %s', (ms, text) => {
    expect(duration(ms)).toBe(text);
  });
});

describe('chart', () => {
  it('draws the latest values that fit, from zero to the largest', () => {
    const text = chart(
      { name: 'pg2', values: [900, 1, 2, 4] },
      { height: 4, width: 3, format: (value) => value.toFixed(0) },
    );
    const lines = text.split('\n');
    expect(lines[0]).toBe('pg2  4');
    expect(lines).toHaveLength(6);
    expect(lines[1]).toMatch(/^ {9}4 [┤┼]/u);
    expect(lines.at(-1)).toMatch(/^ {9}0 [┤┼]/u);
    expect(text).not.toMatch(/900| $/mu);
  });

  it('says so when there is nothing to draw', () => {
    expect(chart({ name: 'pg2', values: [] })).toBe('pg2  no values yet');
  });
});

describe('colourDiff', () => {
  it('colours lines by their first characters', () => {
    chalk.level = 1;
    const lines = colourDiff('--- a\n+++ b\n@@ -1 +1 @@\n same\n-old\n+new').split('\n');
    chalk.level = 0;
    expect(lines[3]).toBe(' same');
    expect(lines[4]).toMatch(/\[31m-old/u);
    expect(lines[5]).toMatch(/\[32m\+new/u);
    expect(lines[0]).not.toMatch(/\[31m/u);
  });
});

describe('envelope', () => {
  it('puts the schema version in front of every result', () => {
    expect(envelope({ a: 1 })).toEqual({ schemaVersion: 1, a: 1 });
    expect(envelope([1])).toEqual({ schemaVersion: 1, result: [1] });
  });
});
