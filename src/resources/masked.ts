/** Names of settings whose values nobody may read, in every file that pgscale writes. */
const SECRET_KEY = /pass|secret|cipher|token|credential|key$/iu;

/** `name: value`, `name = value`, `name value` and `"name": "value"`, also in a list. */
const SETTING = /^(\s*(?:-\s+)?"?([A-Za-z_][\w.-]*)"?\s*(?:[:=]\s*|\s+))\S.*$/u;

const HIDDEN = '(hidden: not a line of pgscale)';

/** Both texts of a file, as they may be shown. */
export interface Masked {
  readonly before: string;
  readonly after: string;
}

/**
 * Takes the secrets out of a file of settings, line by line, so that a plan can show what else changes in it. The value of a
 * setting with a telling name is replaced; of the file that is there, a line is shown only when pgscale would write it just so or
 * writes another value of that setting: what somebody added may be anything. Pure.
 */
export function masked(before: string, after: string): Masked {
  const wanted = after.split('\n');
  const actual = before.split('\n');
  const keys = new Set(wanted.map((line) => settingIn(line)?.key).filter((key) => key !== undefined));
  const isShown = (line: string): boolean => wanted.includes(line) || keys.has(settingIn(line)?.key ?? '');
  return {
    before: actual.map((line) => (isShown(line) ? withoutValue(line, '(secret)') : HIDDEN)).join('\n'),
    after: wanted
      .map((line) => withoutValue(line, actual.includes(line) ? '(secret)' : '(secret, changed)'))
      .join('\n'),
  };
}

function settingIn(line: string): { head: string; key: string } | undefined {
  const [, head, key] = SETTING.exec(line) ?? [];
  return head === undefined || key === undefined ? undefined : { head, key };
}

function withoutValue(line: string, instead: string): string {
  const setting = settingIn(line);
  return setting !== undefined && SECRET_KEY.test(setting.key) ? `${setting.head}${instead}` : line;
}
