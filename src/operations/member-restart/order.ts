import type { MemberAnswer } from '../../components/patroni/answers.ts';

/** What Patroni says of one member's need of a restart. */
export interface MemberNeed {
  readonly host: string;
  readonly isPrimary: boolean;
  readonly isPending: boolean;
  /** Parameters that wait for the restart, with the value now and then. */
  readonly reasons: MemberAnswer['pending_restart_reason'];
}

/** In which order members restart, and what is done about the primary. */
export interface RestartPlan {
  readonly order: readonly MemberNeed[];
  /** A parameter of which standbys need at least as much as the primary gets smaller: then the primary goes first. */
  readonly isLowering: boolean;
  /** The primary moves away before it is restarted. */
  readonly hasSwitchover: boolean;
}

export interface RestartChoice {
  /** Empty: all. */
  readonly hosts: readonly string[];
  readonly isPendingOnly: boolean;
  readonly isRolling: boolean;
}

/**
 * Hot standbys do not go on below what the primary has.
 * https://www.postgresql.org/docs/18/hot-standby.html#HOT-STANDBY-ADMIN
 */
const AT_LEAST_AS_ON_PRIMARY: ReadonlySet<string> = new Set([
  'max_connections',
  'max_locks_per_transaction',
  'max_prepared_transactions',
  'max_wal_senders',
  'max_worker_processes',
]);

/** Decides who restarts and in which order: raising, standbys first; lowering, the primary first. Pure. */
export function restartPlan(members: readonly MemberNeed[], choice: RestartChoice): RestartPlan {
  const chosen = members.filter(
    ({ host, isPending }) =>
      (choice.hosts.length === 0 || choice.hosts.includes(host)) && (!choice.isPendingOnly || isPending),
  );
  const isLowering = chosen.some(({ reasons }) => Object.entries(reasons).some(([name, each]) => lowers(name, each)));
  const primary = chosen.filter(({ isPrimary }) => isPrimary);
  const standbys = chosen.filter(({ isPrimary }) => !isPrimary);
  // A standby that was not restarted yet has the larger value, so that a move would take the primary back to it.
  const hasSwitchover = choice.isRolling && !isLowering && primary.length > 0 && members.length > 1;
  return { order: isLowering ? [...primary, ...standbys] : [...standbys, ...primary], isLowering, hasSwitchover };
}

type Reason = MemberAnswer['pending_restart_reason'][string];

function lowers(name: string, { old_value: old, new_value: wanted }: Reason): boolean {
  return AT_LEAST_AS_ON_PRIMARY.has(name) && Number(wanted) < Number(old);
}
