import { setTimeout as sleep } from 'node:timers/promises';

import { z } from 'zod';

import { type BenchLab, type Section } from '../measurement.ts';
import { localPgbench, whileRunning } from '../pgbench.ts';

const SCALE_FACTOR = 10;
const CLIENTS = 4;
/** Transactions a second, well below what the machine can do: a steady load, not the most that is possible. */
const RATE = 100;
const LOAD_S = 30;
const WARM_UP_S = 3;

const lagSchema = z.object({
  primary: z.string(),
  standbys: z.array(
    z.object({ name: z.string(), replayLagBytes: z.number().nullable(), replayLagSeconds: z.number().nullable() }),
  ),
});

/** How far behind the standbys are while the primary is written to at a steady rate. */
export const lag: Section = {
  name: 'lag',
  title: `Replay lag under pgbench, ${RATE} transactions/s by ${CLIENTS} clients`,
  measure: async ({ lab: boot, say }) => {
    const lab = await boot();
    say('making the cluster');
    await lab.applied();
    const { primary } = await readLag(lab);
    await lab.on(primary, localPgbench(`-i -q -s ${SCALE_FACTOR}`));
    say(`${LOAD_S} s of load`);
    const load = lab.on(primary, localPgbench(`-c ${CLIENTS} -j 2 -R ${RATE} -T ${LOAD_S}`));
    const samples = await sampleUntil(load, lab);
    const names = [...new Set(samples.flat().map(({ name }) => name))].toSorted();
    return names.flatMap((name) => {
      const own = samples.flat().filter((each) => each.name === name);
      return [
        { name: `${name}, replay`, unit: 'ms' as const, runs: own.map((each) => (each.replayLagSeconds ?? 0) * 1000) },
        { name: `${name}, replay`, unit: 'bytes' as const, runs: own.map((each) => each.replayLagBytes ?? 0) },
      ];
    });
  },
};

async function sampleUntil(load: Promise<unknown>, lab: BenchLab): Promise<z.output<typeof lagSchema>['standbys'][]> {
  const samples: z.output<typeof lagSchema>['standbys'][] = [];
  await sleep(WARM_UP_S * 1000);
  await whileRunning(load, async () => void samples.push((await readLag(lab)).standbys));
  await load;
  return samples;
}

async function readLag(lab: BenchLab): Promise<z.output<typeof lagSchema>> {
  return lagSchema.parse(JSON.parse(await lab.pgscale(['lag', '--json'])));
}
