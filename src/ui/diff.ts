import chalk from 'chalk';

/** Colours the lines of a unified diff, if the output has colours. */
export function colourDiff(patch: string): string {
  return patch.split('\n').map(colourLine).join('\n');
}

function colourLine(line: string): string {
  if (line.startsWith('+++') || line.startsWith('---')) return chalk.bold(line);
  if (line.startsWith('@@')) return chalk.cyan(line);
  if (line.startsWith('+')) return chalk.green(line);
  return line.startsWith('-') ? chalk.red(line) : line;
}
