import { Flags } from '@oclif/core';

/** `--interval` of the commands that show the same again and again with `--watch`, and how long it is when not given. */
export function intervalFlag(seconds: number) {
  return Flags.integer({
    summary: 'Seconds between two looks.',
    default: seconds,
    min: 1,
    max: 86_400,
    helpValue: 'SECONDS',
  });
}
