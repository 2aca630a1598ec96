import chalk from 'chalk';

import { table, type Column } from '../table.ts';
import type { ShownDrill, ShownRound } from './shown.ts';
import { seconds } from './seconds.ts';

const right = (heading: string): Column => ({ heading, align: 'right' });

const COLUMNS: readonly (string | Column)[] = [
  right('round'),
  'primary',
  right('first write'),
  right('first read'),
  right('redundant'),
  right('acknowledged'),
  right('lost'),
  right('reads cut'),
  'errors of writers',
];

/** What a drill found: a line per round, the figures over all, and the verdict. */
export function renderDrill(drill: ShownDrill): string {
  return [
    `${chalk.bold(drill.cluster)}  ${drill.title}, ${drill.rounds.length} rounds, profile ${drill.profile}`,
    '',
    table(COLUMNS, drill.rounds.map(roundRow)),
    '',
    figures(drill),
    '',
    ...verdict(drill),
  ].join('\n');
}

function roundRow(round: ShownRound): string[] {
  const { times, victim, primary, reads } = round;
  return [
    String(round.number),
    primary === victim ? `${victim} stays` : `${victim} → ${primary ?? '?'}`,
    seconds(times.writeMs),
    seconds(times.readMs),
    times.redundantMs === null ? chalk.red('never') : seconds(times.redundantMs),
    String(round.acknowledged),
    bad(round.lost),
    bad(reads.interrupted),
    errorText(round),
  ];
}

const bad = (count: number): string => (count === 0 ? '0' : chalk.red(String(count)));

function errorText({ writeErrors }: ShownRound): string {
  const [first, ...rest] = writeErrors;
  if (first === undefined) return 'none';
  const more = rest.reduce((sum, { count }) => sum + count, 0);
  return `${first.count} × ${first.kind.slice(0, 44)}${more === 0 ? '' : `, ${more} others`}`;
}

function figures({ summary, promised }: ShownDrill): string {
  const row = (
    name: string,
    { medianMs, p95Ms, worstMs }: ShownDrill['summary']['write'],
    computed: string,
  ): string[] => [name, seconds(medianMs), seconds(p95Ms), seconds(worstMs), computed];
  const computed = promised === null ? '' : `${promised.best} / ${promised.expected} / ${promised.worst} s`;
  return table(
    ['', right('median'), right('p95'), right('worst'), 'computed (best / expected / worst)'],
    [
      row('writes again', summary.write, computed),
      row('reads by new clients', summary.read, ''),
      row('full redundancy', summary.redundant, ''),
    ],
  );
}

function verdict({ summary, broken, isSynchronous }: ShownDrill): string[] {
  const { lost, acknowledged, readsWatched, readsInterrupted, readsLostWithProxy } = summary;
  const mark = (isGood: boolean): string => (isGood ? chalk.green('✓') : chalk.red('✖'));
  const note = isSynchronous ? '' : ' (no synchronous standby: a loss is possible)';
  const proxy = readsLostWithProxy === 0 ? '' : `; ${readsLostWithProxy} more came through the proxy of the lost host`;
  return [
    `${mark(lost === 0)} ${lost} of ${acknowledged} acknowledged commits lost${note}`,
    `${mark(readsInterrupted === 0)} ${readsInterrupted} of ${readsWatched} read transactions on healthy standbys interrupted${proxy}`,
    ...(broken.length === 0
      ? [`${mark(true)} the old primary came back by itself in every round`]
      : broken.map((what) => `${mark(false)} ${what}`)),
  ];
}
