import type { z } from 'zod';

import type { Path } from './problem.ts';

/** A value with its mistakes taken out, so that the rules can be checked on what is left. */
export interface Repaired<T> {
  readonly value: T;
  /** Where a path into `value` leads in what was written: list entries that were taken out shift the others. */
  original(path: Path): Path;
  /** The lists (by their top key) that lost whole entries; counting what is in them would mislead. */
  readonly shortened: ReadonlySet<string>;
}

/** What stands in for a required key that is wrong, so that what it belongs to still counts; different for each entry. */
const STAND_INS: Readonly<Partial<Record<string, (index: number) => string>>> = {
  cluster: () => 'cluster',
  'hosts.name': (index) => `host-${index + 1}`,
  'hosts.address': (index) => `::${(index + 1).toString(16)}`,
  'roles.name': (index) => `role_${index + 1}`,
  'databases.name': (index) => `database_${index + 1}`,
};

type Container = Record<string | number, unknown>;

/**
 * Takes out of `input` what `schema` does not accept, key by key, until it fits. A spec with a mistyped key and an even
 * number of dcs hosts then gives both problems at once.
 *
 * @returns undefined when nothing useful is left.
 */
export function repair<T extends z.ZodType>(schema: T, input: unknown): Repaired<z.output<T>> | undefined {
  const draft: unknown = structuredClone(input);
  const indexes = new WeakMap<object, number>();
  numberEntries(draft, indexes);
  const shortened = new Set<string>();
  for (let round = 0; round < 10; round++) {
    const parsed = schema.safeParse(draft);
    if (parsed.success) return { value: parsed.data, original: (path) => trace(draft, path, indexes), shortened };
    const paths = parsed.error.issues.flatMap(pathsOf).filter((path) => !standIn(draft, path));
    const victims = paths.flatMap((path) => victim(draft, path));
    for (const each of victims.toReversed()) remove(each, shortened);
  }
  return undefined;
}

function pathsOf(issue: z.core.$ZodIssue): Path[] {
  const path = issue.path.filter((part) => typeof part !== 'symbol');
  return issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...path, key]) : [path];
}

function standIn(root: unknown, path: Path): boolean {
  const parent = get(root, path.slice(0, -1));
  const make = STAND_INS[path.filter((part) => typeof part === 'string').join('.')];
  if (make === undefined || !isContainer(parent)) return false;
  parent[String(path.at(-1))] = make(Number(path[1]));
  return true;
}

/** Something to take out; found before anything is taken out, because that moves what comes after it in a list. */
interface Victim {
  readonly top: string;
  readonly parent: Container;
  readonly key: string | number;
  readonly value: unknown;
}

/** What is at the path; when there is nothing, it was required, and what lacks it has to go. */
function victim(root: unknown, path: Path): Victim[] {
  const key = path.at(-1);
  if (key === undefined) return [];
  const parent = get(root, path.slice(0, -1));
  if (!isContainer(parent) || !(key in parent)) return victim(root, path.slice(0, -1));
  return [{ top: String(path[0]), parent, key, value: parent[key] }];
}

function remove({ top, parent, key, value }: Victim, shortened: Set<string>): void {
  if (!Array.isArray(parent)) {
    Reflect.deleteProperty(parent, key);
    return;
  }
  const index = parent.indexOf(value);
  if (index === -1) return;
  parent.splice(index, 1);
  if (isContainer(value)) shortened.add(top);
}

function trace(root: unknown, path: Path, indexes: WeakMap<object, number>): Path {
  return path.map((part, depth) => {
    const here = get(root, path.slice(0, depth + 1));
    return typeof part === 'number' && isContainer(here) ? (indexes.get(here) ?? part) : part;
  });
}

function numberEntries(value: unknown, indexes: WeakMap<object, number>): void {
  if (!isContainer(value)) return;
  for (const [key, entry] of Object.entries(value)) {
    if (Array.isArray(value) && isContainer(entry)) indexes.set(entry, Number(key));
    numberEntries(entry, indexes);
  }
}

function get(root: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, part) => (isContainer(value) ? value[part] : undefined), root);
}

function isContainer(value: unknown): value is Container {
  return typeof value === 'object' && value !== null;
}
