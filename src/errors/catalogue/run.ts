import type { CatalogueEntry } from './entry.ts';

export const RUN_ERRORS = {
  PGS_FOREIGN: {
    exit: 'checkFailed',
    title: 'Something is there that pgscale did not write.',
    why: 'pgscale never overwrites a file, a data directory or a service of somebody else.',
    fix: 'Look at what the message names. Move it away if it is not needed, or use another host; then run again.',
  },
  PGS_SETTING_FIXED: {
    exit: 'checkFailed',
    title: 'The spec changes a setting that a cluster keeps for good.',
    why: 'The port and the data directory of PostgreSQL, the REST port of Patroni and both ports of etcd are how the parts of a cluster find each other. Changed member by member, the cluster would break half-way, so nothing was touched.',
    fix: 'Put the value back that the message names. For another one make a new cluster on other hosts: `pgscale restore --into new`, or a dump.',
  },
  PGS_NOT_CONVERGED: {
    exit: 'unexpected',
    title: 'A change was made, and reading it again shows another state.',
    why: 'Something else on the host (a configuration tool, a package script) changes the same thing.',
    fix: 'Find out what writes there and stop it, then run `pgscale apply` again.',
  },
  PGS_LOCKED: {
    exit: 'locked',
    title: 'Another run holds the lock of this cluster.',
    why: 'Only one run at a time may change a cluster. The lock goes away with the process that holds it.',
    fix: 'Wait for the other run, or give `--lock-wait 10m`.',
  },
  PGS_LOCK_LOST: {
    exit: 'locked',
    title: 'The run has lost the lock of the cluster while it went on.',
    why: 'Its connection to the dcs hosts was gone for longer than 45 s (a laptop that slept, Ctrl-Z), or somebody removed the lock there. Another run may have it now, so that this one stopped before its next step.',
    fix: 'Look with `pgscale status`; when the run that the message names has ended, run the same command again: it goes on where it stopped.',
  },
  PGS_PLAN_STALE: {
    exit: 'checkFailed',
    title: 'The plan file does not fit the hosts or the spec any more.',
    why: 'Since the plan was written, the spec, the secrets or something on the hosts has changed.',
    fix: 'Make a new plan with `pgscale plan --out FILE`, read it, and apply that.',
  },
  PGS_WAIT_DEADLINE: {
    exit: 'unexpected',
    title: 'Something did not become ready before its deadline.',
    why: 'The message names what was waited for and the last lines of its log.',
    fix: 'Solve what the log says, then run the same command again: it goes on where it stopped.',
  },
  PGS_UNIT_FAILED: {
    exit: 'unexpected',
    title: 'A service failed to start.',
    why: 'The message has the last lines of its journal.',
    fix: 'Solve what they name, then run the same command again.',
  },
  PGS_INTERRUPTED: {
    exit: 'interrupted',
    title: 'The run was interrupted.',
    why: 'Ctrl-C or SIGTERM. The step that was running was stopped in order and the lock is released.',
    fix: 'Run the same command again: it goes on where it stopped.',
  },
  PGS_NOT_CONFIRMED: {
    exit: 'usage',
    title: 'The command changes something and was not confirmed.',
    why: 'There is no terminal to ask on, or the answer was no.',
    fix: 'Give `--yes`, and for what destroys data also `--cluster NAME`.',
  },
  PGS_CHECK_FAILED: {
    exit: 'checkFailed',
    title: 'A check found a problem that stops the run.',
    why: 'The message lists the findings.',
    fix: 'Do what each finding advises; `pgscale check` shows them all again.',
  },
  PGS_QUORUM: {
    exit: 'checkFailed',
    title: 'The step would need more hosts than answer.',
    why: 'Changing a cluster needs a majority of its dcs hosts.',
    fix: 'Bring the hosts back that `pgscale status` shows as unreachable, then run again.',
  },
} as const satisfies Record<string, CatalogueEntry>;
