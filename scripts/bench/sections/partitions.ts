import type { Section } from '../measurement.ts';
import { ADOPTED, measureAdopt } from '../partitions/adopt.ts';
import { measureRotations, ROTATED } from '../partitions/rotations.ts';
import { BenchServer } from '../partitions/server.ts';
import { measureSizes } from '../partitions/sizes.ts';

const ROTATIONS = 1000;
/** Each section has a server of its own, which tells of every wait for a lock. */
const NAME = 'bench-part';

export const sizes: Section = {
  name: 'sizes',
  title: 'Partitions: a query of an hour in tables of three sizes; BRIN',
  measure: async ({ say }) => {
    say('making the server');
    await using server = await BenchServer.boot(NAME);
    return await measureSizes(server, say);
  },
};

export const adopt: Section = {
  name: 'adopt',
  title: 'Partitions: a large table in use is adopted',
  measure: async ({ say }) => {
    say('making the server');
    await using server = await BenchServer.boot(NAME, ADOPTED);
    return await measureAdopt(server, say);
  },
};

export const rotations: Section = {
  name: 'rotations',
  title: `Partitions: ${ROTATIONS} rotations under load, with a reader open all the time`,
  measure: async ({ say }) => {
    say('making the server');
    await using server = await BenchServer.boot(NAME, ROTATED);
    return await measureRotations(server, ROTATIONS, say);
  },
};
