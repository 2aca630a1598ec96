import type { CatalogueEntry } from './entry.ts';

export const FAILOVER_ERRORS = {
  PGS_PRIMARY_HEALTHY: {
    exit: 'checkFailed',
    title: 'A failover was asked for, but the primary works.',
    why: 'A failover is for a primary that is gone; it may lose commits and breaks connections. Nothing was changed.',
    fix: '`pgscale switchover` moves a primary that works, and loses nothing.',
  },
  PGS_SECOND_PRIMARY: {
    exit: 'checkFailed',
    title: 'A failover would make a second primary: a member takes writes and does not hold the leader key.',
    why: 'While Patroni is paused, PostgreSQL goes on when its Patroni stops, and its lease ends all the same. Two primaries take commits that one of them loses. Nothing was changed.',
    fix: 'Start Patroni on the host that the message names (`systemctl start patroni`): it takes the leader key again. Or stop PostgreSQL there, and then run `pgscale failover`.',
  },
  PGS_FAILOVER_REFUSED: {
    exit: 'checkFailed',
    title: 'No member can become the primary, or not without losing commits.',
    why: 'The message lists for each member what it lacks or what keeps it from leading; nothing was changed.',
    fix: 'Bring a synchronous standby back, or accept the loss with `--allow-data-loss BYTES`. `pgscale why` explains.',
  },
} as const satisfies Record<string, CatalogueEntry>;
