import { median, quantile } from '../statistics.ts';
import type { DrillReport, Round, RoundTimes, Spread } from './report.ts';

/** The figures over all rounds. Pure. */
export function summaryOf(rounds: readonly Round[]): DrillReport['summary'] {
  const total = (of: (round: Round) => number): number => rounds.reduce((sum, round) => sum + of(round), 0);
  return {
    write: spread(rounds, 'writeMs'),
    read: spread(rounds, 'readMs'),
    redundant: spread(rounds, 'redundantMs'),
    acknowledged: total(({ acknowledged }) => acknowledged),
    lost: total(({ lost }) => lost),
    readsWatched: total(({ reads }) => reads.watched),
    readsInterrupted: total(({ reads }) => reads.interrupted),
    readsLostWithProxy: total(({ reads }) => reads.lostWithProxy),
  };
}

function spread(rounds: readonly Round[], key: keyof RoundTimes): Spread {
  const values = rounds.flatMap(({ times }) => times[key] ?? []);
  const of = (value: number | undefined): number | null => (value === undefined ? null : Math.round(value));
  return { medianMs: of(median(values)), p95Ms: of(quantile(values, 0.95)), worstMs: of(quantile(values, 1)) };
}
