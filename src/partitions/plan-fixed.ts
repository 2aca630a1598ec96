import type { TableCatalog } from './catalog.ts';
import { type Apart, apartOf } from './mark.ts';
import { type Action, freeName, indexesOfNew, missingIndexes, type Problem, type Values } from './plan.ts';
import { type HashPolicy, type ListPolicy, tableName } from './policy.ts';
import { forValues } from './statements.ts';

/** A partition of a list or hash policy that ought to be there. */
interface Fixed {
  readonly name: string;
  readonly values: Values;
}

/**
 * The partitions of a list or hash policy that are not there yet, and the indexes that they lack. A partition that is
 * there is never changed: its rows would have to move. Pure.
 */
export function planFixed(policy: ListPolicy | HashPolicy, found: TableCatalog): Action[] {
  const missing = fixedPartitions(policy).filter((each) => !isThere(each, found));
  const taken = new Set(found.taken);
  const begun = apartOf(found).filter(({ then }) => then === 'attach');
  const creates = missing.flatMap(({ name, values }): Action[] => {
    const unfinished = begun.find((each) => isBegun(each, { name, values }));
    if (unfinished !== undefined) return [{ kind: 'attach', id: unfinished.id, values }];
    const free = freeName(name, taken);
    taken.add(free);
    const id = `${found.schema}.${free}`;
    return [
      { kind: 'create', id, values, indexes: indexesOfNew(policy, found) },
      { kind: 'attach', id, values },
    ];
  });
  const finalizes = found.partitions.filter((each) => each.isDetachPending);
  const staying = found.partitions.filter((each) => !each.isDetachPending);
  return [
    ...finalizes.map(({ id }): Action => ({ kind: 'finalize', id })),
    ...creates,
    ...missingIndexes(policy, staying),
  ];
}

/** One that was made for other values has a CHECK that refuses these. Marks of earlier versions know the name only. */
function isBegun(apart: Apart, { name, values }: Fixed): boolean {
  return apart.values === undefined ? apart.name === name : apart.values === forValues(values, undefined);
}

/** Partitions that are cut otherwise than the policy says. Pure. */
export function fixedProblems(policy: ListPolicy | HashPolicy, found: TableCatalog): Problem[] {
  if (policy.by === 'list') return listProblems(policy, found);
  const other = found.partitions.filter(({ bounds }) => hashOf(bounds)?.modulus !== policy.modulus);
  return other.map(({ id, bounds }) => ({
    id: 'modulus',
    severity: 'error',
    text: `${id} has ${bounds.toLowerCase()}, the policy has modulus ${policy.modulus}; rows would have to move`,
  }));
}

function listProblems(policy: ListPolicy, found: TableCatalog): Problem[] {
  return Object.entries(policy.partitions).flatMap(([suffix, values]): Problem[] => {
    const holders = found.partitions.filter(({ bounds }) => listOf(bounds).some((each) => has(values, each)));
    const [holder] = holders;
    const isWhole = holder !== undefined && values.every((each) => listOf(holder.bounds).includes(String(each)));
    if (holders.length === 0 || (holders.length === 1 && isWhole)) return [];
    return [
      {
        id: 'list-values',
        severity: 'error',
        text: `${suffix}: its values ${values.join(', ')} are, in part, in ${holders.map(({ id }) => id).join(', ')}`,
      },
    ];
  });
}

function fixedPartitions(policy: ListPolicy | HashPolicy): Fixed[] {
  const name = (suffix: string): string => `${tableName(policy)}_${suffix}`;
  if (policy.by === 'list') {
    return Object.entries(policy.partitions).map(([suffix, values]) => ({
      name: name(suffix),
      values: { by: 'list', values },
    }));
  }
  return Array.from({ length: policy.modulus }, (_, remainder) => ({
    name: name(String(remainder)),
    values: { by: 'hash', modulus: policy.modulus, remainder },
  }));
}

function isThere({ values }: Fixed, { partitions }: TableCatalog): boolean {
  if (values.by === 'list')
    return partitions.some(({ bounds }) => listOf(bounds).some((each) => has(values.values, each)));
  return partitions.some(({ bounds }) => values.by === 'hash' && hashOf(bounds)?.remainder === values.remainder);
}

function has(values: readonly (string | number)[], value: string): boolean {
  return values.some((each) => String(each) === value);
}

/** `FOR VALUES IN ('de', 'fr', 7, NULL)`. */
function listOf(bounds: string): string[] {
  const inside = /^FOR VALUES IN \((.*)\)$/su.exec(bounds)?.[1] ?? '';
  return [...inside.matchAll(/'((?:[^']|'')*)'|([^\s,]+)/gu)].map(
    ([, quoted, plain]) => quoted?.replaceAll("''", "'") ?? plain ?? '',
  );
}

/** `FOR VALUES WITH (modulus 8, remainder 3)`. */
function hashOf(bounds: string): { modulus: number; remainder: number } | undefined {
  const [, modulus, remainder] = /modulus (\d+), remainder (\d+)/u.exec(bounds) ?? [];
  return modulus === undefined ? undefined : { modulus: Number(modulus), remainder: Number(remainder) };
}
