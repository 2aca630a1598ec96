import type { CatalogueEntry } from './entry.ts';

export const ACCESS_ERRORS = {
  PGS_ACCESS_REFUSED: {
    exit: 'checkFailed',
    title: 'A new pg_hba.conf was tried and not kept.',
    why: 'PostgreSQL found a mistake in it, or a login that worked before did not work any more (replication, the poolers, pgscale itself, the owner of a database). The file that was in force before is in force again.',
    fix: 'Change the line of `postgres.hba` that the message names, then run `pgscale apply` again.',
  },
} as const satisfies Record<string, CatalogueEntry>;
