import chalk from 'chalk';

/** Something that is wrong, or worth knowing. */
export interface ShownProblem {
  /** `error` and `degraded` are wrong, all else is worth knowing. */
  readonly severity: string;
  readonly host?: string;
  readonly text: string;
}

/** One problem in a line, with its sign. */
export function problemLine({ severity, host, text }: ShownProblem): string {
  const sign = ['error', 'degraded'].includes(severity) ? chalk.red('✖') : chalk.yellow('!');
  return `${sign} ${host === undefined ? '' : `${host}: `}${text}`;
}
