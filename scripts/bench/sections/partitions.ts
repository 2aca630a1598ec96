import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Section } from '../measurement.ts';
import { ADOPTED_POLICY, ADOPTED_TABLE, measureAdopt } from '../partitions/adopt.ts';
import { measureRotations, ROTATED_POLICY, ROTATED_TABLE } from '../partitions/rotations.ts';
import { BenchServer } from '../partitions/server.ts';
import { measureSizes } from '../partitions/sizes.ts';

const ROTATIONS = 1000;

/** Rotations, range queries and an adoption on one host, whose server tells of every wait for a lock. */
export const partitions: Section = {
  name: 'partitions',
  title: `Partitions: ${ROTATIONS} rotations under load, tables of three sizes, adopt of a large table`,
  measure: async ({ say }) => {
    say('making the server');
    await using server = await BenchServer.boot('bench-part', async (directory) => {
      await appendFile(join(directory, 'pgscale.yaml'), `\npartitions:\n${ROTATED_POLICY}${ADOPTED_POLICY}`);
    });
    await server.sql(...ROTATED_TABLE, ...ADOPTED_TABLE);
    await server.pgscale('apply', '--yes');
    return [
      ...(await measureSizes(server, say)),
      ...(await measureAdopt(server, say)),
      ...(await measureRotations(server, ROTATIONS, say)),
    ];
  },
};
