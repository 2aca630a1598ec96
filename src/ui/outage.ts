import chalk from 'chalk';

interface ShownOutage {
  readonly best: number;
  readonly expected: number;
  readonly worst: number;
}

export interface ShownOutages {
  readonly crash: ShownOutage;
  readonly hostLoss: ShownOutage;
  readonly networkCut: ShownOutage;
  readonly isGuarded: boolean;
}

/** What a failure of the primary costs by the spec: one line each, best, expected and worst. */
export function renderOutages(outages: ShownOutages): string {
  const line = (what: string, { best, expected, worst }: ShownOutage): string =>
    `${chalk.dim('outage')}      ${what}  ${seconds(best)} / ${seconds(expected)} / ${seconds(worst)}`;
  return [
    line(outages.isGuarded ? 'PostgreSQL crashes (guard)' : 'PostgreSQL crashes        ', outages.crash),
    line('the host is lost          ', outages.hostLoss),
    `${line('its network is cut        ', outages.networkCut)}  ${chalk.dim('(best / expected / worst)')}`,
  ].join('\n');
}

function seconds(value: number): string {
  return `${value.toFixed(1)} s`;
}
