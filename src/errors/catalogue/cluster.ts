import type { CatalogueEntry } from './entry.ts';

export const CLUSTER_ERRORS = {
  PGS_NO_LEADER: {
    exit: 'degraded',
    title: 'The cluster has no leader.',
    why: 'etcd has no majority, no member may lead, or the cluster is just electing one.',
    fix: '`pgscale status` shows the members and what is wrong with them.',
  },
  PGS_DATA_LOST: {
    exit: 'checkFailed',
    title: 'The cluster was initialised before, and no host has its data any more.',
    why: 'The data directories were removed or the disks replaced while etcd kept its memory of the cluster. pgscale does not put an empty cluster in its place by itself.',
    fix: 'Bring the data back (mount the disk, restore a backup). If the data is not needed: `pgscale destroy`, then `pgscale apply`.',
  },
} as const satisfies Record<string, CatalogueEntry>;
