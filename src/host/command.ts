/** A shell command whose every value is quoted. Build one with `cmd` or the `sh` tag, never by joining strings. */
export interface Command {
  readonly script: string;
}

/**
 * Quotes one value for a POSIX shell, so that it arrives as exactly one word, whatever it holds.
 * https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_02_02
 *
 * @throws Error when the value holds a NUL byte, which no command line can carry.
 */
export function quote(value: string): string {
  if (value.includes('\0')) throw new Error('a shell word cannot hold a NUL byte');
  return /^[\w@%+=:,./-]+$/u.test(value) ? value : `'${value.replaceAll("'", String.raw`'\''`)}'`;
}

/** A program with its arguments: `cmd('chown', 'postgres', path)`. */
export function cmd(program: string, ...args: string[]): Command {
  return { script: [program, ...args].map(quote).join(' ') };
}

/**
 * A piece of shell in which every `${value}` is quoted; a nested `Command` is put in as it is, a list as separate words.
 *
 * @example sh`test -e ${path} && ${cmd('rm', path)}`
 */
export function sh(
  strings: TemplateStringsArray,
  ...values: (string | number | Command | readonly string[])[]
): Command {
  return { script: String.raw({ raw: strings.raw }, ...values.map(word)) };
}

function word(value: string | number | Command | readonly string[]): string {
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'number') return String(value);
  if ('script' in value) return value.script;
  return value.map(quote).join(' ');
}
