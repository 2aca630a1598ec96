import chalk from 'chalk';
import { createTwoFilesPatch } from 'diff';

/** A text on a host before and after; an absent file is undefined. */
export interface Change {
  readonly path: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** A unified diff with three lines of context, coloured if the output is; empty when nothing differs. */
export function unifiedDiff({ path, before, after }: Change): string {
  if (before === after) return '';
  const [from, to] = [before === undefined ? '/dev/null' : path, after === undefined ? '/dev/null' : path];
  const patch = createTwoFilesPatch(from, to, before ?? '', after ?? '', undefined, undefined, { context: 3 });
  const lines = patch.trimEnd().split('\n');
  return lines
    .filter((line) => !/^(?:=====|Index: )/u.test(line))
    .map(colourLine)
    .join('\n');
}

/** Colours the lines of a unified diff that is there already. */
export function colourDiff(patch: string): string {
  return patch.split('\n').map(colourLine).join('\n');
}

function colourLine(line: string): string {
  if (line.startsWith('+++') || line.startsWith('---')) return chalk.bold(line);
  if (line.startsWith('@@')) return chalk.cyan(line);
  if (line.startsWith('+')) return chalk.green(line);
  return line.startsWith('-') ? chalk.red(line) : line;
}
