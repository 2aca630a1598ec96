import { readProgress } from '../../cluster/adopt-progress.ts';
import { askDatabase } from '../../cluster/partitions.ts';
import { PgscaleError } from '../../errors/pgscale-error.ts';
import type { Host } from '../../host/host.ts';
import { adopt, AdoptRefused, type AdoptStep, revertAdoption } from '../../partitions/adopt/adopt.ts';
import { durationOf } from '../../partitions/adopt/eta.ts';
import { lookAtPlain } from '../../partitions/adopt/look.ts';
import { planAdoption } from '../../partitions/adopt/plan.ts';
import { adoptStatements } from '../../partitions/adopt/statements.ts';
import { text } from '../../partitions/axis.ts';
import type { Problem } from '../../partitions/plan.ts';
import type { RangePolicy } from '../../partitions/policy.ts';
import { rotate } from '../../partitions/rotate.ts';
import { scriptOf } from '../../partitions/statements.ts';
import { noteDone, refuseLostLock } from '../../run/held-lock.ts';
import { policyOf } from '../../spec/partitions.ts';
import { audited } from '../audited.ts';
import type { ClusterSession } from '../cluster-session.ts';
import { leaderOf, readMembers } from '../switchover/look.ts';
import { chosenPolicies } from './look.ts';
import { rotationProblems, refreshOutcome } from './run.ts';
import { withRotationSessions, withSqlSession } from './sql.ts';

/** Which table, and whether keys other than the primary one may become unique only together with the partition key. */
export interface AdoptRequest {
  readonly table: string;
  readonly widenUnique: boolean;
}

/** What an adoption would meet and do. */
export interface AdoptPreview {
  readonly table: string;
  readonly isPartitioned: boolean;
  readonly problems: readonly Problem[];
  readonly rows: number;
  readonly bytes: number;
  readonly indexBytes: number;
  /** A rough guess. */
  readonly etaMs: number;
  /** What the table becomes, and before where all of its rows are; null where that cannot be said. */
  readonly partition: { readonly name: string; readonly before: string } | null;
  /** Each a transaction of its own, exactly as it would be run. */
  readonly statements: readonly string[];
}

export interface AdoptRun extends AdoptRequest {
  readonly onStep: (step: AdoptStep) => void;
  readonly onProgress: (progress: string) => void;
  readonly signal: AbortSignal;
}

export interface AdoptResult {
  readonly primary: string;
  readonly table: string;
  readonly steps: readonly AdoptStep[];
  /** False when it was told to stop before its end. */
  readonly isDone: boolean;
  readonly durationMs: number;
}

const PROGRESS_MS = 3000;

/** Changes nothing. @throws PgscaleError PGS_NO_LEADER, PGS_SQL, PGS_PARTITION_UNKNOWN, PGS_PARTITION_REFUSED for list and hash */
export async function previewAdoption(session: ClusterSession, request: AdoptRequest): Promise<AdoptPreview> {
  const { database, policy } = policyFor(session, request);
  const reader = session.host(leaderOf(await readMembers(session)));
  const ask = (query: string): Promise<string> => askDatabase(reader, session.spec, database, query);
  const { found, problems, target } = await lookAtPlain(ask, policy, request);
  if (found === undefined) throw refused(`there is no table ${policy.table}`);
  const isRefused = target === undefined || problems.some(({ severity }) => severity === 'error');
  const actions = isRefused ? [] : planAdoption(target);
  const { rows, bytes, indexBytes } = found;
  return {
    ...{ table: policy.table, isPartitioned: found.kind === 'p', problems, rows, bytes, indexBytes },
    etaMs: durationOf(found),
    partition: target === undefined ? null : { name: target.first.name, before: text(target.first.upper, target.type) },
    statements: isRefused ? [] : actions.flatMap((action) => adoptStatements(target, action).map(scriptOf)),
  };
}

/**
 * Makes a plain table partitioned, and then the partitions that its policy wants. Cut off anywhere, the same again goes on.
 * @throws PgscaleError PGS_PARTITION_REFUSED, PGS_LOCKED, PGS_LOCK_LOST, PGS_NO_LEADER, PGS_SQL, PGS_PARTITION_FAILED
 */
export function adoptTable(session: ClusterSession, run: AdoptRun): Promise<AdoptResult> {
  return changed(session, run, 'partition adopt', async (host, { database, policy }, options) => {
    const isDone = await withRotationSessions(host, session.spec, database, async (sql, watcher) => {
      if (!(await adopt(sql, options))) return false;
      const problems = rotationProblems(
        await rotate(sql, { policies: [policy], watcher, mayBegin: () => refuseLostLock(run.signal) }),
      );
      if (problems.length > 0) {
        const why = problems.join('\n');
        throw new PgscaleError('PGS_PARTITION_FAILED', { what: `${run.table} is partitioned, not rotated`, why });
      }
      return true;
    });
    if (isDone) await refreshOutcome(host);
    return isDone;
  });
}

/** Takes back what an adoption did before its swap. @throws PgscaleError PGS_PARTITION_REFUSED after it, and as `adoptTable` */
export function revertTable(session: ClusterSession, run: AdoptRun): Promise<AdoptResult> {
  return changed(session, run, 'partition adopt --revert', async (host, { database }, options) => {
    await withSqlSession(host, session.spec, database, (sql) => revertAdoption(sql, options));
    return true;
  });
}

interface Place {
  readonly database: string;
  readonly policy: RangePolicy;
}

async function changed(
  session: ClusterSession,
  run: AdoptRun,
  command: string,
  work: (host: Host, place: Place, options: Parameters<typeof adopt>[1]) => Promise<boolean>,
): Promise<AdoptResult> {
  const place = policyFor(session, run);
  const primary = leaderOf(await readMembers(session));
  const host = session.host(primary);
  const startedAt = performance.now();
  const steps: AdoptStep[] = [];
  const onStep = (step: AdoptStep): void => {
    steps.push(step);
    noteDone(step.kind);
    run.onStep(step);
  };
  return audited(session, { command, changes: [place.policy.table] }, async () => {
    const watch = setInterval(() => {
      void readProgress(host, session.spec, place.database, place.policy.table).then(
        (progress) => progress !== undefined && run.onProgress(progress),
        () => undefined,
      );
    }, PROGRESS_MS);
    try {
      const isDone = await work(host, place, {
        ...run,
        policy: place.policy,
        onStep,
        mayBegin: () => refuseLostLock(run.signal),
      });
      const durationMs = Math.round(performance.now() - startedAt);
      return { primary, table: place.policy.table, steps, isDone, durationMs };
    } catch (error) {
      throw error instanceof AdoptRefused ? refused(error.message) : error;
    } finally {
      clearInterval(watch);
    }
  });
}

function policyFor({ spec }: ClusterSession, { table }: AdoptRequest): Place {
  const [chosen] = chosenPolicies(spec, [table]);
  const [own] = chosen?.policies ?? [];
  const policy = own === undefined ? undefined : policyOf(own);
  if (chosen === undefined || policy?.by !== 'range') {
    throw refused(
      `${table} is to be partitioned by ${policy?.by ?? 'nothing'}: its rows would have to move, which adopt never does`,
    );
  }
  return { database: chosen.database, policy };
}

function refused(what: string): PgscaleError {
  return new PgscaleError('PGS_PARTITION_REFUSED', { what });
}
