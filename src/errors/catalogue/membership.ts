import type { CatalogueEntry } from './entry.ts';

export const MEMBERSHIP_ERRORS = {
  PGS_MEMBERSHIP_REFUSED: {
    exit: 'checkFailed',
    title: 'A member would be added, removed or seeded anew at a cost that is too high, or without sense.',
    why: 'It is the primary, the only synchronous standby, or one vote of etcd too many; or the spec would not be valid. Nothing was changed.',
    fix: 'Do what the message names: `pgscale switchover` moves the primary, `pgscale host replace OLD NEW` puts a host in the place of another.',
  },
  PGS_SEED_SOURCE: {
    exit: 'checkFailed',
    title: 'New standbys cannot be copied from the member that was asked for.',
    why: 'It has no data itself, cannot be reached, or neither leads nor streams, so that what it has may be old. Nothing was changed.',
    fix: 'Leave `--seed-from` or `--source` out: then it is the primary. `pgscale status` shows which members stream.',
  },
} as const satisfies Record<string, CatalogueEntry>;
