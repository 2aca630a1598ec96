import type { Bench, Measurement, Section } from '../measurement.ts';
import { ADOPTED, measureAdopt } from '../partitions/adopt.ts';
import { measureRotations, ROTATED } from '../partitions/rotations.ts';
import { BenchServer, type Partitioned } from '../partitions/server.ts';
import { measureSizes } from '../partitions/sizes.ts';

const ROTATIONS = 1000;
/** Each section has a server of its own, which tells of every wait for a lock. */
const NAME = 'bench-part';

/** What is measured on a server that has these tables. */
function section(
  { name, title }: Pick<Section, 'name' | 'title'>,
  measure: (server: BenchServer, say: Bench['say']) => Promise<Measurement[]>,
  partitioned?: Partitioned,
): Section {
  return {
    name,
    title,
    measure: async ({ say }) => {
      say('making the server');
      await using server = await BenchServer.boot(NAME, partitioned);
      return await measure(server, say);
    },
  };
}

export const sizes = section(
  { name: 'sizes', title: 'Partitions: a query of an hour in tables of three sizes; BRIN' },
  measureSizes,
);

export const adopt = section(
  { name: 'adopt', title: 'Partitions: a large table in use is adopted' },
  measureAdopt,
  ADOPTED,
);

export const rotations = section(
  { name: 'rotations', title: `Partitions: ${ROTATIONS} rotations under load, with a reader open all the time` },
  (server, say) => measureRotations(server, ROTATIONS, say),
  ROTATED,
);
