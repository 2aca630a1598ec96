import type { CatalogueEntry } from './entry.ts';

export const SWITCHOVER_ERRORS = {
  PGS_POOLER: {
    exit: 'unexpected',
    title: 'A connection pooler did not do what it was asked for.',
    why: 'It does not answer on its console, or PAUSE waits for transactions that do not end.',
    fix: '`pgscale pooler status` shows who waits for whom; end the long transactions, then run the same command again.',
  },
  PGS_SWITCHOVER_REFUSED: {
    exit: 'checkFailed',
    title: 'The pre-flight of a switchover found a reason not to begin.',
    why: 'The message lists what failed; nothing was changed.',
    fix: 'Solve what the pre-flight names, or choose another candidate with `--to HOST`.',
  },
  PGS_SWITCHOVER_FAILED: {
    exit: 'unexpected',
    title: 'The primary did not move as it should have.',
    why: 'The message says where the cluster stands now. The poolers resume, whatever happened: at once, or by themselves within 10 s.',
    fix: '`pgscale status` shows the members; when all stream, run the same command again.',
  },
  PGS_SSH_MISSING: {
    exit: 'unexpected',
    title: 'There is no ssh program on this machine.',
    why: '`pgscale ssh` is the ssh of this machine, so that its agent and its configuration count.',
    fix: 'Install it (Debian: openssh-client). `pgscale exec` works without it.',
  },
} as const satisfies Record<string, CatalogueEntry>;
