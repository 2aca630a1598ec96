import type { CatalogueEntry } from './entry.ts';

export const FAILOVER_ERRORS = {
  PGS_PRIMARY_HEALTHY: {
    exit: 'checkFailed',
    title: 'A failover was asked for, but the primary works.',
    why: 'A failover is for a primary that is gone; it may lose commits and breaks connections. Nothing was changed.',
    fix: '`pgscale switchover` moves a primary that works, and loses nothing.',
  },
  PGS_FAILOVER_REFUSED: {
    exit: 'checkFailed',
    title: 'No member can become the primary, or not without losing commits.',
    why: 'The message lists for each member what it lacks or what keeps it from leading; nothing was changed.',
    fix: 'Bring a synchronous standby back, or accept the loss with `--allow-data-loss BYTES`. `pgscale why` explains.',
  },
} as const satisfies Record<string, CatalogueEntry>;
