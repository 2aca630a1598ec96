import { sh, type Command } from './command.ts';

/** As one word of a shell: the path, or where it does not exist yet, the nearest folder above it that does. */
export function nearestParent(path: string): Command {
  return sh`"$(there=${path}; while [ ! -e "$there" ]; do there=$(dirname "$there"); done; echo "$there")"`;
}
