/**
 * The exit statuses of every command. This is the only table of them; docs/reference/exit-status.md is generated from it.
 */
export const EXIT_STATUS = {
  ok: { status: 0, meaning: 'The command did what it was asked to do.' },
  unexpected: { status: 1, meaning: 'Something failed that is not in this table; the message says what.' },
  usage: {
    status: 2,
    meaning: 'The command line, the spec or the secrets are wrong. Nothing was contacted or changed.',
  },
  degraded: {
    status: 3,
    meaning: 'The cluster works, but not as the spec promises (status, or lag over a threshold).',
  },
  checkFailed: { status: 4, meaning: 'A check or pre-flight found a problem that has to be solved first.' },
  locked: {
    status: 5,
    meaning:
      'Another run holds the lock of this cluster, or took over a lock that this one lost; the message names it.',
  },
  unreachable: { status: 6, meaning: 'A host could not be reached or refused the login.' },
  changesPending: { status: 10, meaning: '`pgscale plan` found changes that `pgscale apply` would make.' },
  interrupted: { status: 130, meaning: 'The run was interrupted (Ctrl-C or SIGTERM) and stopped in order.' },
} as const;

/** A name in the table of exit statuses. */
export type ExitName = keyof typeof EXIT_STATUS;
