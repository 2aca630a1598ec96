import type { CatalogueEntry } from './entry.ts';

export const CLUSTER_ERRORS = {
  PGS_NO_LEADER: {
    exit: 'degraded',
    title: 'The cluster has no leader.',
    why: 'etcd has no majority, no member may lead, or the cluster is just electing one.',
    fix: '`pgscale status` shows the members and what is wrong with them.',
  },
} as const satisfies Record<string, CatalogueEntry>;
