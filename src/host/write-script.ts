import { dirname } from 'node:path';

import { sh, type Command } from './command.ts';
import type { FileAttributes } from './host.ts';

/**
 * The script that writes a file from standard input: beside its place, then a rename. The length is compared, because
 * standard input also ends when the connection breaks.
 */
export function writeScript(path: string, sizeBytes: number, { owner, group, mode }: FileAttributes): Command {
  return sh`umask 077
t=$(mktemp -- ${dirname(path)}/.pgscale.XXXXXX) || exit 1
trap 'rm -f -- "$t"' EXIT
cat >"$t" && [ "$(stat -c %s "$t")" = ${sizeBytes} ] && chown -- ${`${owner}:${group}`} "$t" && chmod -- ${mode} "$t" && mv -fT -- "$t" ${path}`;
}
