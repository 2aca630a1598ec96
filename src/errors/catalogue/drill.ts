import type { CatalogueEntry } from './entry.ts';

export const DRILL_ERRORS = {
  PGS_DRILL_REFUSED: {
    exit: 'checkFailed',
    title: 'A drill was asked for on a cluster that is not whole.',
    why: 'A drill breaks the primary, and everything has to be there that is to take over. Nothing was changed.',
    fix: '`pgscale status` shows what is missing; run the drill when it says healthy.',
  },
  PGS_DRILL_RESTORE: {
    exit: 'unexpected',
    title: 'A restore drill could not be made.',
    why: 'It ended without saying how it went; the message has its last words. The cluster was not touched.',
    fix: 'Solve what the message names and run the drill again.',
  },
  PGS_DRILL_POWER: {
    exit: 'checkFailed',
    title: 'The power of a host cannot be switched.',
    why: 'Only a lab knows how to; for real machines a program of yours has to, and it is missing or failed.',
    fix: 'Give `--power-command PROGRAM`; it is run as `PROGRAM off|on HOST ADDRESS` (IPMI, a hypervisor, a cloud).',
  },
  PGS_DRILL_ENDPOINT: {
    exit: 'checkFailed',
    title: 'The clients of a drill cannot use the endpoints.',
    why: 'A drill measures what clients see, so it has to run where clients run: the endpoints must be reachable.',
    fix: 'Run it on a machine that reaches the endpoints of `pgscale status`; `pgscale psql` shows whether one does.',
  },
} as const satisfies Record<string, CatalogueEntry>;
