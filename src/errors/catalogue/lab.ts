import type { CatalogueEntry } from './entry.ts';

export const LAB_ERRORS = {
  PGS_LAB_UNSUPPORTED: {
    exit: 'checkFailed',
    title: 'This machine cannot run the lab.',
    why: 'The lab boots real Debian hosts in Linux namespaces; that needs Linux, root and some free disk and memory.',
    fix: 'Run it as root on a Linux machine, with room on the disk that the message names.',
  },
} as const satisfies Record<string, CatalogueEntry>;
