import { expect, it } from 'vitest';

import { median } from '../../../scripts/bench/measurement.ts';
import { sectionTable, summary } from '../../../scripts/bench/report.ts';

it.each([
  [[3, 1, 2], 2],
  [[4, 1, 2, 3], 2.5],
  [[10, 9], 9.5],
  [[7], 7],
])('takes the middle of %j', (values, middle) => {
  expect(median(values)).toBe(middle);
});

it('judges the median, not the best run, and compares medians', () => {
  const slow = {
    name: 'plan',
    unit: 's' as const,
    runs: [4, 6, 6],
    target: 5,
    baseline: { name: 'ssh', runs: [1, 3, 2] },
  };
  expect(summary(slow)).toMatchObject({ median: 6, ratio: 3, isMet: false });
  expect(summary({ ...slow, runs: [4, 6, 5] })).toMatchObject({ median: 5, isMet: true });
  expect(summary({ name: 'lag', unit: 'ms', runs: [1] })).not.toHaveProperty('isMet');
});

it('shows every measurement with its unit', () => {
  const table = sectionTable([
    { name: 'plan', unit: 's', runs: [1.234, 2, 3], target: 5 },
    { name: 'pg2, replay', unit: 'bytes', runs: [2048] },
  ]);
  expect(table).toMatch(/plan .*2\.00 s.*1\.23 s – 3\.00 s.*≤ 5\.00 s/u);
  expect(table).toMatch(/pg2, replay .*2\.05 kB/u);
});
