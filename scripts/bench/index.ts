/**
 * `npm run bench`: the figures that the project promises, measured, as a table and as JSON. `--only fresh` runs one
 * section, `--runs 10` repeats more often, `--out FILE` says where the JSON goes. What needs hosts boots a lab of its own
 * and takes it down again. None of this is a test: a busy machine makes every number larger, so look at the ratios too.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';

import chalk from 'chalk';

import { LazyLab } from './lab.ts';
import type { Section } from './measurement.ts';
import { machine, machineLine, sectionTable, summary } from './report.ts';
import { cdc } from './sections/cdc.ts';
import { clients } from './sections/clients.ts';
import { fresh } from './sections/fresh.ts';
import { lag } from './sections/lag.ts';
import { adopt, rotations, sizes } from './sections/partitions.ts';
import { restore } from './sections/restore.ts';
import { scale } from './sections/scale.ts';
import { start } from './sections/start.ts';
import { throughput } from './sections/throughput.ts';
import { unchanged } from './sections/unchanged.ts';

const SECTIONS: readonly Section[] = [
  start,
  scale,
  fresh,
  unchanged,
  lag,
  clients,
  cdc,
  restore,
  throughput,
  sizes,
  adopt,
  rotations,
];
const FOLDER = join(import.meta.dirname, '..', '..', 'bench');

function chosen(names: readonly string[]): readonly Section[] {
  const unknown = names.filter((name) => !SECTIONS.some((each) => each.name === name));
  const known = SECTIONS.map(({ name }) => name).join(', ');
  if (unknown.length > 0) throw new Error(`no section ${unknown.join(', ')}; there are ${known}`);
  return names.length === 0 ? SECTIONS : SECTIONS.filter(({ name }) => names.includes(name));
}

const today = new Date().toISOString().slice(0, 10);
const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: [] },
    runs: { type: 'string', default: '5' },
    out: { type: 'string', default: join(FOLDER, `results-${today}.json`) },
  },
});
const sections = chosen(values.only);
const runs = Number(values.runs);
if (!Number.isInteger(runs) || runs < 1) throw new Error(`--runs takes a number from 1, not ${values.runs}`);

const here = machine();
console.log(machineLine(here));
await using lab = new LazyLab();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    console.error('stopping: the lab is taken down');
    lab.removeNow();
    process.exit(130);
  });
}
const say = (text: string): void => console.error(chalk.dim(`  ${text}`));
const results: object[] = [];
for (const { name, title, measure } of sections) {
  console.log(`\n${chalk.bold(title)}`);
  const measurements = await measure({ runs, lab: () => lab.get(), say });
  console.log(sectionTable(measurements));
  results.push({ section: name, title, measurements: measurements.map(summary) });
  await mkdir(dirname(values.out), { recursive: true });
  await writeFile(
    values.out,
    `${JSON.stringify({ at: new Date().toISOString(), machine: here, results }, undefined, 2)}\n`,
  );
}
console.log(`\n${values.out}`);
