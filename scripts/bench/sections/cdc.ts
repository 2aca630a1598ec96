import { StreamTrial } from '../../../test/support/cdc/stream-trial.ts';
import type { Measurement, Section } from '../measurement.ts';

const SWITCHOVERS = 10;
const CRASHES = 5;
const STEADY_MS = 60_000;
const AWAY_MS = 600_000;

/** Two consumers of our own, under load, while the primary moves: what comes, how often, and how late. */
export const cdc: Section = {
  name: 'cdc',
  title: `Change data capture: pgoutput and wal2json through ${SWITCHOVERS} switchovers and ${CRASHES} crashes`,
  measure: async ({ lab: boot, say }) => {
    const lab = await boot();
    say('making the cluster');
    await lab.applied();
    await using trial = await StreamTrial.start(lab);
    const copiesMs = [await trial.ready()];
    say('steady state');
    await new Promise((resolve) => setTimeout(resolve, STEADY_MS));
    const steady = trial.consumers.map(({ deliveries }) => percentile(deliveries.latenciesMs, 0.99));
    for (let round = 1; round <= SWITCHOVERS + CRASHES; round += 1) {
      const isCrash = round > SWITCHOVERS;
      say(isCrash ? `crash ${round - SWITCHOVERS}` : `switchover ${round}`);
      await (isCrash ? trial.crash() : trial.switchover());
      copiesMs.push(await trial.ready());
    }
    say('a consumer is away');
    const { keptBytes, limitBytes } = await trial.absence(AWAY_MS);
    await trial.ready();
    const verdicts = await trial.verdicts();
    say(`${verdicts.map(({ delivered }) => delivered).join(' and ')} rows came`);
    const count = (name: string, runs: readonly number[], target?: number): Measurement => {
      return { name, unit: 'count', runs, ...(target === undefined ? {} : { target }) };
    };
    return [
      count(
        'rows that came',
        verdicts.map(({ delivered }) => delivered),
      ),
      count(
        'committed rows that never came',
        verdicts.map(({ missing }) => missing.length),
        0,
      ),
      count(
        'rows that came and were never committed',
        verdicts.map(({ phantom }) => phantom.length),
        0,
      ),
      count(
        'rows out of order within a key',
        verdicts.map(({ disordered }) => disordered.length),
        0,
      ),
      count(
        'rows that came twice',
        verdicts.map(({ duplicates }) => duplicates),
      ),
      { name: 'commit to delivery in steady state, p99', unit: 'ms', runs: steady },
      {
        name: `WAL kept for a consumer that is away for ${AWAY_MS / 60_000} minutes`,
        unit: 'bytes',
        runs: [keptBytes],
        target: limitBytes,
      },
      { name: 'until every standby has usable copies again', unit: 's', runs: copiesMs.map((ms) => ms / 1000) },
    ];
  },
};

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
