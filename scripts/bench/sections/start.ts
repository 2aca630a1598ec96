import { join } from 'node:path';

import { execa } from 'execa';

import { repeat, type Section } from '../measurement.ts';

const PGSCALE = join(import.meta.dirname, '..', '..', '..', 'bin', 'run.js');

/** How long it takes until the command line says anything. */
export const start: Section = {
  name: 'start',
  title: 'Start-up',
  measure: async ({ runs }) => [
    {
      name: 'pgscale --help',
      unit: 's',
      runs: await repeat(runs, () => execa(process.execPath, [PGSCALE, '--help'])),
      target: 0.7,
      baseline: { name: 'node -e 0', runs: await repeat(runs, () => execa(process.execPath, ['-e', '0'])) },
    },
  ],
};
