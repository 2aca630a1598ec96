import { PgscaleError } from '../../errors/pgscale-error.ts';
import { cmd } from '../../host/command.ts';
import type { Host } from '../../host/host.ts';
import type { TablePlan } from '../../partitions/plan.ts';
import { type Deed, rotate, type Rotation, type RotationOptions } from '../../partitions/rotate.ts';
import { noteDone, refuseLostLock } from '../../run/held-lock.ts';
import { PARTITIONS } from '../../spec/layout.ts';
import { policyOf } from '../../spec/partitions.ts';
import { audited } from '../audited.ts';
import type { ClusterSession } from '../cluster-session.ts';
import { leaderOf, readMembers } from '../switchover/look.ts';
import { chosenPolicies } from './look.ts';
import { withRotationSessions } from './sql.ts';
import { archiveOn } from './store.ts';

export interface PartitionRun extends Pick<RotationOptions, 'choose' | 'onDeed' | 'signal'> {
  /** What the audit says was run. */
  readonly command: string;
  readonly tables: readonly string[];
  /** What has to be done first, under the same lock. */
  readonly before?: (session: ClusterSession) => Promise<void>;
}

/** What was done, and what could not be. */
export interface PartitionResult {
  readonly primary: string;
  readonly deeds: readonly Deed[];
  readonly problems: readonly string[];
  readonly durationMs: number;
}

/**
 * Rotates on the primary, database by database, with the very code that the timer runs on the hosts.
 * @throws PgscaleError PGS_NO_LEADER, PGS_PARTITION_UNKNOWN, PGS_LOCKED, PGS_LOCK_LOST, PGS_SQL; PGS_PARTITION_FAILED with all
 * that failed
 */
export async function runPartitions(session: ClusterSession, run: PartitionRun): Promise<PartitionResult> {
  const { spec } = session;
  const chosen = chosenPolicies(spec, run.tables);
  const primary = leaderOf(await readMembers(session));
  const startedAt = performance.now();
  const { command } = run;
  const changes = [chosen.flatMap(({ policies }) => policies.map(({ table }) => table)).join(', ')];
  return audited(session, { command, changes }, async () => {
    await run.before?.(session);
    const deeds: Deed[] = [];
    const plans: TablePlan[] = [];
    for (const { database, policies } of chosen) {
      const host = session.host(primary);
      const archive = (id: string): Promise<void> => archiveOn(host, database, id);
      const options = { ...run, ...underLock(run), policies: policies.map(policyOf), archive };
      const done = await withRotationSessions(host, spec, database, (sql, watcher) =>
        rotate(sql, { ...options, watcher }),
      );
      deeds.push(...done.deeds);
      plans.push(...done.plans);
    }
    const problems = rotationProblems({ deeds, plans });
    if (problems.length > 0) throw failed(primary, deeds, problems);
    await refreshOutcome(session.host(primary));
    return { primary, deeds, problems, durationMs: Math.round(performance.now() - startedAt) };
  });
}

/** An archive may take hours: the lock of the cluster is asked for before everything that is done. */
function underLock({ onDeed, signal }: PartitionRun): Pick<RotationOptions, 'mayBegin' | 'onDeed'> {
  return {
    mayBegin: () => refuseLostLock(signal),
    onDeed: (deed) => {
      if (deed.error === undefined) noteDone(`${deed.kind} ${deed.id}`);
      onDeed?.(deed);
    },
  };
}

/** The timer's last run may have failed by what is solved now: without its unit (before `apply`) there is nothing to refresh. */
export async function refreshOutcome(host: Host): Promise<void> {
  await host.run(cmd('systemctl', 'start', '--no-block', PARTITIONS.unit), { okStatuses: 'any' });
}

/** What could not be done, and the policies that do not fit. Pure. */
export function rotationProblems({ deeds, plans }: Rotation): string[] {
  return [
    ...plans.flatMap(({ problems }) => problems.filter(({ severity }) => severity === 'error').map(({ text }) => text)),
    ...deeds.flatMap(({ kind, id, attempts, error }) =>
      error === undefined ? [] : [`${kind} ${id}, ${attempts} ${attempts === 1 ? 'attempt' : 'attempts'}: ${error}`],
    ),
  ];
}

function failed(host: string, deeds: readonly Deed[], problems: readonly string[]): PgscaleError {
  const done = deeds.filter(({ error }) => error === undefined).length;
  return new PgscaleError('PGS_PARTITION_FAILED', {
    what: `${problems.length === 1 ? 'one thing' : `${problems.length} things`} could not be done, ${done} were`,
    host,
    why: problems.join('\n'),
    details: { deeds, problems },
  });
}
