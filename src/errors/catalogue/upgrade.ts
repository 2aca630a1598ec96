import type { CatalogueEntry } from './entry.ts';

export const UPGRADE_ERRORS = {
  PGS_UPGRADE_STOPPED: {
    exit: 'unexpected',
    title: 'A rolling upgrade stopped at a host that did not come back.',
    why: 'The message says what failed there, which hosts are upgraded, and which were not begun. Those that were not begun are as before, the primary among them.',
    fix: 'See with `pgscale logs HOST` why the host does not work, solve it, then run `pgscale upgrade` again: it goes on where it stopped.',
  },
} as const satisfies Record<string, CatalogueEntry>;
