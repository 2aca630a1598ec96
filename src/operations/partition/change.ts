import { Temporal } from 'temporal-polyfill';

import { PgscaleError } from '../../errors/pgscale-error.ts';
import { isTimeKey, type KeyType, type Position, positionOf, text, timePosition } from '../../partitions/axis.ts';
import { type Apart, apartOf } from '../../partitions/mark.ts';
import { planPeriod } from '../../partitions/plan-range.ts';
import type { Action, TablePlan } from '../../partitions/plan.ts';
import type { RangePolicy } from '../../partitions/policy.ts';
import { keptFrom } from '../../partitions/retention.ts';

/** A table by range of which everything is known. */
interface RangePlan extends TablePlan {
  readonly policy: RangePolicy;
  readonly found: NonNullable<TablePlan['found']>;
  readonly keyType: KeyType;
  readonly now: Position;
}

/** Only what makes partitions: those of the policy, or the one that holds `at`. Pure. @throws PgscaleError PGS_PARTITION_REFUSED */
export function creating(plan: TablePlan, at?: string): TablePlan {
  if (at === undefined) {
    return { ...plan, actions: plan.actions.filter(({ kind }) => kind === 'create' || kind === 'attach') };
  }
  const range = rangePlan(plan);
  const actions = planPeriod({ ...range, type: range.keyType }, placeOf(range, at));
  return { ...plan, actions };
}

/**
 * Only what detaches one partition, which then stays as a table of its own. Pure.
 * @throws PgscaleError PGS_PARTITION_UNKNOWN, PGS_PARTITION_REFUSED for one that is, or will be, written to
 */
export function detaching(plan: TablePlan, name: string): TablePlan {
  const range = rangePlan(plan);
  const partition = range.found.partitions.find((each) => isCalled(each, name));
  if (partition === undefined) throw unknown(plan, name);
  const { id, lower, upper, comment, rows, bytes, isDetachPending } = partition;
  if (isDetachPending) return { ...plan, actions: [{ kind: 'finalize', id }] };
  if (upper === null || upper > range.now) {
    throw refused(`${id} is not over: rows that belong there would be refused`);
  }
  const mark = { of: range.found.id, then: 'keep', lower, upper } as const;
  return { ...plan, actions: [{ kind: 'detach', id, mark, comment, rows, bytes }] };
}

/**
 * Only what puts one partition into the object store, attached or detached before, and then drops it. Pure.
 * @throws PgscaleError PGS_PARTITION_UNKNOWN, PGS_PARTITION_REFUSED for one that is, or will be, written to
 */
export function archiving(plan: TablePlan, name: string): TablePlan {
  const { found, policy, keyType, now } = rangePlan(plan);
  const apart = apartOf(found).find((each) => isCalled(each, name) && each.then !== 'attach');
  if (apart !== undefined) return { ...plan, actions: storing(apart) };
  const partition = found.partitions.find((each) => isCalled(each, name));
  if (partition === undefined) throw unknown(plan, name);
  const { upper } = partition;
  const kept = keptFrom(policy, keyType, now);
  const isKept = kept === undefined || upper === null || upper > kept;
  if (isKept && found.partitions.some((each) => each.upper !== null && upper !== null && each.upper < upper)) {
    throw refused(
      `there are older partitions than ${partition.id}: the next rotation would fill the hole with an empty one`,
    );
  }
  const actions = detaching(plan, name).actions.map((action) =>
    action.kind === 'detach' ? { ...action, mark: { ...action.mark, then: 'archive' as const } } : action,
  );
  return { ...plan, actions: [...actions, ...storing(partition)] };
}

function storing({ id, rows, bytes }: { id: string; rows: number; bytes: number }): Action[] {
  return [
    { kind: 'archive', id },
    { kind: 'drop', id, rows, bytes, provenBelow: null },
  ];
}

/**
 * Only what brings a detached partition back. Pure.
 * @throws PgscaleError PGS_PARTITION_UNKNOWN, PGS_PARTITION_REFUSED when the next rotation would retire it again
 */
export function attaching(plan: TablePlan, name: string): TablePlan {
  const { found, policy, keyType, now } = rangePlan(plan);
  if (found.partitions.some((each) => isCalled(each, name))) return { ...plan, actions: [] };
  const table = apartOf(found).find((each) => isCalled(each, name));
  if (table === undefined) throw unknown(plan, name);
  const { id, lower, upper } = table;
  const kept = keptFrom(policy, keyType, now);
  if (kept !== undefined && upper !== null && upper <= kept) {
    throw refused(
      `${id} is older than the retention of ${plan.table}: the next rotation would retire it again`,
      `raise retention.keep in the spec, so that rows before ${text(upper, keyType)} are kept, and run pgscale apply`,
    );
  }
  const attach: Action = { kind: 'attach', id, values: { by: 'range', lower, upper } };
  return { ...plan, actions: [...references(found, table), attach] };
}

/** The foreign keys of the table that what comes back lacks, as it does when it was archived. */
function references({ foreignKeys }: RangePlan['found'], table: Apart): Action[] {
  return foreignKeys.flatMap(({ name, definition }): Action[] => {
    const own = table.foreignKeys.find((each) => each.definition === definition);
    if (own?.isValid === true) return [];
    return [{ kind: 'reference', id: table.id, name: own?.name ?? name, definition, isThere: own !== undefined }];
  });
}

function rangePlan(plan: TablePlan): RangePlan {
  const { policy, found, keyType, now, problems, table } = plan;
  const error = problems.find(({ severity }) => severity === 'error');
  if (error !== undefined) throw refused(error.text);
  if (policy.by !== 'range' || found === undefined || keyType === undefined || now === undefined) {
    throw refused(`${table} is partitioned by ${policy.by}: only those of a range come and go`);
  }
  return { ...plan, policy, found, keyType, now };
}

function isCalled({ id, name }: { id: string; name: string }, wanted: string): boolean {
  return id === wanted || name === wanted;
}

/** `2027-03-01`, `2027-03-01T12:00`, `2027-03-01T12:00Z`, or an id. */
function placeOf({ policy, keyType }: RangePlan, at: string): Position {
  const { timeZone } = policy;
  try {
    if (!isTimeKey(keyType)) return BigInt(at);
    if (/(?:Z|[+-]\d\d:?\d\d)$/u.test(at)) return positionOf(Temporal.Instant.from(at), keyType, timeZone);
    return timePosition(Temporal.PlainDateTime.from(at), keyType, timeZone);
  } catch {
    throw new PgscaleError('PGS_USAGE', {
      what: `not a place in ${policy.table}: ${at}`,
      next: [`Write ${isTimeKey(keyType) ? 'a date or a time like 2027-03-01 or 2027-03-01T12:00Z' : 'an id'}.`],
    });
  }
}

function unknown({ table }: TablePlan, name: string): PgscaleError {
  return new PgscaleError('PGS_PARTITION_UNKNOWN', { what: `${table} has no partition ${name}` });
}

function refused(what: string, next?: string): PgscaleError {
  return new PgscaleError('PGS_PARTITION_REFUSED', { what, ...(next === undefined ? {} : { next: [next] }) });
}
