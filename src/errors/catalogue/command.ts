import type { CatalogueEntry } from './entry.ts';

export const COMMAND_ERRORS = {
  PGS_USAGE: {
    exit: 'usage',
    title: 'The command line is wrong.',
    why: 'A flag is unknown, lacks its value, or is missing.',
    fix: 'See the flags with `pgscale COMMAND --help`.',
  },
  PGS_UNEXPECTED: {
    exit: 'unexpected',
    title: 'Something failed that pgscale did not foresee.',
    why: 'This is most likely a defect of pgscale; the message is that of the library or the system call.',
    fix: 'Run the same command again with DEBUG=pgscale to see where it failed, and report that.',
  },
  PGS_CODE_UNKNOWN: {
    exit: 'usage',
    title: 'There is no error of that code.',
    why: 'The code is mistyped, or it belongs to another version of pgscale.',
    fix: 'List all codes with `pgscale explain`.',
  },
} as const satisfies Record<string, CatalogueEntry>;
