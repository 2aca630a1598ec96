import type { CatalogueEntry } from './entry.ts';

export const PARAMETER_ERRORS = {
  PGS_PARAMETER_REFUSED: {
    exit: 'checkFailed',
    title: 'PostgreSQL does not take the parameters of the spec.',
    why: 'The PostgreSQL of the host read them before they were put in place, and refused a name or a value. The parameters that were in force before are still in force.',
    fix: 'Correct the parameter that the message names in `postgres.parameters`, then run `pgscale apply` again.',
  },
} as const satisfies Record<string, CatalogueEntry>;
