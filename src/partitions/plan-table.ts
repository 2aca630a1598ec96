import { Temporal } from 'temporal-polyfill';

import { type Bounds, isTimeKey, KEY_TYPES, type KeyType, type Position, positionOf } from './axis.ts';
import type { Catalog, TableCatalog } from './catalog.ts';
import { periodAt, periodsFrom } from './grid.ts';
import { fixedProblems, planFixed } from './plan-fixed.ts';
import { gaps, planRange } from './plan-range.ts';
import type { Problem, TablePlan } from './plan.ts';
import type { Policy, RangePolicy } from './policy.ts';

/** What the server said, and the highest id of each table that is cut by ids. */
export interface Seen {
  readonly catalog: Catalog;
  readonly highestIds: ReadonlyMap<string, bigint>;
}

/** What a rotation would do with each table, in the order of the policies. Pure. */
export function planTables(policies: readonly Policy[], seen: Seen): TablePlan[] {
  return policies.map((policy) => {
    const found = seen.catalog.tables.find(({ table }) => table === policy.table)?.found ?? undefined;
    const problems = problemsOf(policy, found);
    const keyType = KEY_TYPES.find((type) => type === found?.keyType);
    const now = policy.by === 'range' && keyType !== undefined ? presentOf(policy, keyType, seen) : undefined;
    const plan = { table: policy.table, policy, found, keyType, now, problems };
    if (found === undefined || problems.some(({ severity }) => severity === 'error')) return { ...plan, actions: [] };
    if (policy.by !== 'range') return { ...plan, actions: planFixed(policy, found) };
    if (keyType === undefined || now === undefined) return { ...plan, actions: [] };
    return { ...plan, actions: planRange({ policy, found, type: keyType, now }) };
  });
}

/** The position of the present: of the server's clock, or of the highest id. */
function presentOf(policy: RangePolicy, type: KeyType, { catalog, highestIds }: Seen): Position {
  if (!isTimeKey(type)) return highestIds.get(policy.table) ?? 0n;
  return positionOf(Temporal.Instant.fromEpochNanoseconds(catalog.now * 1000n), type, policy.timeZone);
}

/** How far the partitions of a table reach without a hole, and whether the next one is there. */
export interface Coverage {
  /** The first position from the present on that has no partition; null when there is none. */
  readonly until: Position | null;
  /** When rows come to where there is no partition; null for ids, and when they never do. */
  readonly msLeft: number | null;
  readonly isNextMissing: boolean;
}

/** Pure. */
export function coverageOf(policy: RangePolicy, type: KeyType, partitions: readonly Bounds[], now: Position): Coverage {
  const far = periodsFrom(policy, type, now, policy.ahead + 1).at(-1)?.upper ?? now;
  const last = partitions.reduce<Position>((most, { upper }) => (upper !== null && upper > most ? upper : most), far);
  const [gap] = gaps(partitions, now, last + 1n);
  const isOpen =
    partitions.some(({ lower, upper }) => upper === null && (lower ?? last) <= last) && gap?.lower === last;
  const until = isOpen || gap === undefined ? null : gap.lower;
  const next = periodAt(policy, type, periodAt(policy, type, now).upper);
  return {
    until,
    msLeft: until === null || !isTimeKey(type) ? null : Number((until - now) / 1000n),
    isNextMissing: until !== null && until < next.upper,
  };
}

/** How far the partitions of a planned table reach; undefined for list and hash, and where that is not known. Pure. */
export function coverageOfTable(plan: TablePlan): (Coverage & { readonly type: KeyType }) | undefined {
  const { policy, found, keyType: type, now } = plan;
  if (policy.by !== 'range' || found === undefined || type === undefined || now === undefined) return undefined;
  const attached = found.partitions.filter(({ isDetachPending }) => !isDetachPending);
  return { ...coverageOf(policy, type, attached, now), type };
}

function problemsOf(policy: Policy, found: TableCatalog | undefined): Problem[] {
  const error = (id: string, text: string): Problem[] => [{ id, severity: 'error', text }];
  if (found === undefined) return error('missing', `there is no table ${policy.table}; was it renamed?`);
  if (found.strategy === null) return error(...plain(policy.table, found.isAdopting));
  const strategy = { range: 'r', list: 'l', hash: 'h' }[policy.by];
  if (found.strategy !== strategy) return error('strategy', `${policy.table} is not partitioned by ${policy.by}`);
  if (found.key.length !== 1 || found.key[0] !== policy.column) {
    const key = found.key.map((column) => column ?? 'an expression').join(', ');
    return error('key', `${policy.table} is partitioned by ${key}, not by ${policy.column}`);
  }
  if (found.partitions.some(({ isDefault }) => isDefault)) {
    return error(
      'default-partition',
      `${policy.table} has a DEFAULT partition: no other can be attached without blocking everybody, none detached concurrently`,
    );
  }
  return policy.by === 'range' ? rangeProblems(policy, found) : fixedProblems(policy, found);
}

function plain(table: string, isAdopting: boolean): [id: string, text: string] {
  const next = `\`pgscale partition adopt ${table}\``;
  if (!isAdopting) return ['plain', `${table} is not partitioned: ${next}`];
  return [
    'adopting',
    `the adoption of ${table} has not ended, and later rows will be refused: ${next}, or with --revert`,
  ];
}

function rangeProblems({ table, column, step }: RangePolicy, { keyType }: TableCatalog): Problem[] {
  const type = KEY_TYPES.find((each) => each === keyType);
  const error = (text: string): Problem[] => [{ id: 'key-type', severity: 'error', text }];
  if (type === undefined) return error(`${table}.${column} is neither a time nor a whole number`);
  if (isTimeKey(type) !== (typeof step === 'string')) {
    return error(`the step ${step} does not fit ${table}.${column}, which is ${type}`);
  }
  return type === 'date' && step === 'hour' ? error(`${table}.${column} is a date: it has no hours`) : [];
}
