import { Flags } from '@oclif/core';

/** What the commands have in common that show the same again and again with `--watch`. */

/** A host that is gone must not hold up the picture of the others. */
export const LOGIN_MS = 4000;

export const CLEAR_SCREEN = '\u001B[2J\u001B[H';

/** `--interval`, and how long it is when it is not given. */
export function intervalFlag(seconds: number) {
  return Flags.integer({
    summary: 'Seconds between two looks.',
    default: seconds,
    min: 1,
    max: 86_400,
    helpValue: 'SECONDS',
  });
}
