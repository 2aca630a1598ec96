import type { CatalogueEntry } from './entry.ts';

export const PARTITION_ERRORS = {
  PGS_PARTITION_UNKNOWN: {
    exit: 'usage',
    title: 'The spec has no policy for such a table, or the table has no such partition.',
    why: 'The name is mistyped, the policy is missing under `partitions`, or the partition was retired.',
    fix: '`pgscale partition list` shows the tables with a policy and their partitions.',
  },
  PGS_PARTITION_REFUSED: {
    exit: 'checkFailed',
    title: 'The partition may not be made, detached or attached like this.',
    why: 'Writes would fail, rows would be lost, or the next rotation would take it back; the message says which.',
    fix: 'Change what the message names, in the spec or in the command; `pgscale partition plan` shows what would be done.',
  },
  PGS_PARTITION_STORE: {
    exit: 'checkFailed',
    title: 'A partition could not be put into the object store, or be had from it.',
    why: 'The store does not answer or refuses the key, pg_dump or pg_restore failed, or there is no such dump. Nothing was dropped.',
    fix: 'Solve what the message names and run the same command again: it begins where this one ended.',
  },
  PGS_PARTITION_FAILED: {
    exit: 'checkFailed',
    title: 'Not every table could be rotated.',
    why: 'A policy does not fit its table, a lock could not be had in time, or PostgreSQL refused a statement.',
    fix: 'Solve what the message names and run the same command again: what is done is done, it goes on with the rest.',
  },
} as const satisfies Record<string, CatalogueEntry>;
