/** Keys and list positions that lead to a place in a YAML file. */
export type Path = readonly (string | number)[];

/** One mistake in a file that somebody wrote. */
export interface Problem {
  /** As in `hosts[1].address`; empty for the file as a whole. */
  readonly path: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  /** What is wrong and what was expected. */
  readonly message: string;
}

/** `['hosts', 1, 'address']` as `hosts[1].address`. */
export function pathText(path: Path): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? part : `${text}.${part}`;
  }, '');
}

/** One line a problem, in the form `file:line:column` that editors and terminals turn into a link. */
export function renderProblems(file: string, problems: readonly Problem[]): string {
  return problems
    .map(({ line, column, path, message }) => `${file}:${line}:${column} ${path === '' ? '' : `${path}: `}${message}`)
    .join('\n');
}
