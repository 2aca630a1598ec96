import type { CatalogueEntry } from './entry.ts';

export const CDC_ERRORS = {
  PGS_CDC_UNKNOWN: {
    exit: 'usage',
    title: 'There is no such stream or slot.',
    why: 'The name is mistyped, or the stream is not under `cdc` in the spec.',
    fix: '`pgscale cdc list` shows the streams of the spec and the slots of the primary.',
  },
  PGS_CDC_REFUSED: {
    exit: 'checkFailed',
    title: 'The stream cannot be like this.',
    why: 'A table is missing or has no replica identity, a slot of this name does something else, or the plugin does not fit.',
    fix: 'Change what the message names and run the same command again.',
  },
  PGS_CDC_BUSY: {
    exit: 'checkFailed',
    title: 'A consumer is using the slot.',
    why: 'PostgreSQL lets one session at a time read from a slot, advance it or drop it.',
    fix: 'Stop the consumer first; to look on beside it: `pgscale cdc tail NAME --follow`.',
  },
} as const satisfies Record<string, CatalogueEntry>;
