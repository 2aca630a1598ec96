import type { CatalogueEntry } from './entry.ts';

export const MEMBERSHIP_ERRORS = {
  PGS_MEMBERSHIP_REFUSED: {
    exit: 'checkFailed',
    title: 'A member would be added, removed or seeded anew at a cost that is too high, or without sense.',
    why: 'It is the primary, the only synchronous standby, or one vote of etcd too many; or the spec would not be valid. Nothing was changed.',
    fix: 'Do what the message names: `pgscale switchover` moves the primary, `pgscale host replace OLD NEW` puts a host in the place of another.',
  },
} as const satisfies Record<string, CatalogueEntry>;
