import type { CatalogueEntry } from './entry.ts';

export const SQL_ERRORS = {
  PGS_SQL: {
    exit: 'unexpected',
    title: 'PostgreSQL refused a statement of pgscale.',
    why: 'The message has the answer of the server.',
    fix: 'Solve what the server says, then run the same command again.',
  },
} as const satisfies Record<string, CatalogueEntry>;
