import { isTimeKey, text } from '../axis.ts';
import type { Problem } from '../plan.ts';
import { BOUNDS_CONSTRAINT } from '../catalog.ts';

import { PARENT_SUFFIX, type PlainTable } from './catalog.ts';
import { ownKeys, widened } from './keys.ts';
import { begunUpper, type Rows, type Target } from './target.ts';

const NAME_MAX = 63;

type Severity = Problem['severity'];

/** Whether unique keys other than the primary one may become unique only together with the partition key. */
export interface KeyOptions {
  readonly widenUnique: boolean;
}

/** What stands in the way of an adoption whatever its rows are, and what changes by it. Pure. */
export function tableProblems(table: PlainTable, column: string, { widenUnique }: KeyOptions): Problem[] {
  const { id } = table;
  const key = table.column;
  return [
    ...table.peculiar.map((what) => error('kind', `${id} is ${what}`)),
    ...(key === null ? [error('column', `${id} has no column ${column}`)] : []),
    ...(key?.isGenerated === true ? [error('column', `${column} is generated: it cannot be a partition key`)] : []),
    ...(key !== null && key.type === null ? [error('key-type', `${column} is neither a time nor a whole number`)] : []),
    ...(table.name.length > NAME_MAX - PARENT_SUFFIX.length ? [error('name', `${table.name} is too long a name`)] : []),
    ...(table.parent?.isOurs === false ? [error('name', `${table.parent.id} is there, and not of an adoption`)] : []),
    ...(table.begun !== null && begunUpper(table) === undefined
      ? [error('constraint', `${id} has a constraint ${BOUNDS_CONSTRAINT} of somebody else`)]
      : []),
    ...blockers(table),
    ...keyProblems(table, widenUnique),
    ...changes(table),
  ];
}

/** The primary key has to hold the partition key; that others do is a choice. */
function keyProblems(table: PlainTable, widenUnique: boolean): Problem[] {
  return widened(table).map(({ key, columns }) => {
    const wide = `(${columns.join(', ')})`;
    const narrow = `(${key.columns.join(', ')})`;
    if (key.constraint !== 'p' && !widenUnique) {
      return error(
        'unique',
        `${key.name} is unique by ${narrow} alone, which partitions cannot be: --widen-unique makes it ${wide}`,
      );
    }
    return notice(
      'unique',
      `${key.name} becomes unique by ${wide}, not by ${narrow} alone: ON CONFLICT ${narrow} fails from then on`,
    );
  });
}

function blockers(table: PlainTable): Problem[] {
  const each = (id: string, names: readonly string[], say: (name: string) => string): Problem[] =>
    names.map((name) => error(id, say(name)));
  const invalid = ownKeys(table).filter(({ isValid }) => !isValid);
  const special = widened(table).filter(({ key }) => key.isSpecial || key.columns.includes(null));
  const triggers = table.triggers.filter(({ why }) => why !== null);
  const foreign = table.foreignKeys.filter(({ isValid }) => !isValid);
  const narrowed = table.publications.filter(({ isPlain }) => !isPlain);
  return [
    ...each('foreign-key', table.referring, (name) => `${name} refers to it: a key without the partition key goes`),
    ...each('foreign-key', names(foreign), (name) => `the foreign key ${name} is not validated`),
    ...each('exclusion', table.exclusions, (name) => `${name} excludes by more than equality of one partition`),
    ...each('constraint', table.oddConstraints, (name) => `${name} is not validated, not enforced, or not inherited`),
    ...each('index', names(invalid), (name) => `${name} is not valid`),
    ...each(
      'unique',
      names(special.map(({ key }) => key)),
      (name) => `the unique index ${name} cannot get the partition key`,
    ),
    ...triggers.map(({ name, why }) => error('trigger', `the trigger ${name} ${why ?? ''}`)),
    ...each('rule', table.rules, (name) => `the rule ${name} would stay with the first partition`),
    ...each('dependent', table.dependents, (name) => `${name} holds on to the table itself`),
    ...each('publication', names(narrowed), (name) => `the publication ${name} has columns or a filter of its own`),
    ...(table.replicaIdentity === 'i' ? [error('replica-identity', 'its replica identity is an index')] : []),
  ];
}

function changes(table: PlainTable): Problem[] {
  const moved = [
    ...count(table.triggers.length, 'trigger'),
    ...count(table.views.length, 'view'),
    ...count(table.policies.length, 'row policy', 'row policies'),
    ...count(table.foreignKeys.length, 'foreign key'),
    ...count(table.publications.length, 'publication'),
    ...count(table.grants.length, 'grant'),
    ...count(table.identities.length + table.serials.length, 'sequence'),
    ...count(table.generated.length, 'generated column'),
    ...(table.comment === null ? [] : ['its comment']),
  ];
  return [
    ...(moved.length === 0 ? [] : [notice('moves', `goes with the name: ${moved.join(', ')}`)]),
    ...(table.storage.length === 0
      ? []
      : [notice('storage', `stays with the first partition: ${table.storage.join(', ')}`)]),
    ...(table.publications.length > 0 || table.isPublishedByOthers
      ? [
          notice(
            'publication',
            'subscribers see partitions’ names, unless the publication has publish_via_partition_root',
          ),
        ]
      : []),
  ];
}

/** What its rows, and the end of the first partition, say. Pure. */
export function rowProblems({ policy, type, table, first }: Target, { highest, hasNull }: Rows): Problem[] {
  const { column, step } = policy;
  const found: Problem[] = [];
  if (isTimeKey(type) !== (typeof step === 'string') || (type === 'date' && step === 'hour')) {
    found.push(error('key-type', `the step ${step} does not fit ${column}, which is ${type}`));
  }
  if (hasNull) found.push(error('null', `there are rows without ${column}`));
  if (highest !== null && highest >= first.upper) {
    const end = text(first.upper, type);
    found.push(
      error('later', `there are rows as late as ${text(highest, type)}; the first partition ends before ${end}`),
    );
  }
  if (first.name.length > NAME_MAX) found.push(error('name', `${first.name} is too long a name for a partition`));
  return table.parent?.isOurs === true && table.begun === null
    ? [...found, notice('begun', `${table.parent.id} is left of an adoption that was reverted half-way`)]
    : found;
}

function names(of: readonly { readonly name: string }[]): string[] {
  return of.map(({ name }) => name);
}

function count(amount: number, one: string, many = `${one}s`): string[] {
  return amount === 0 ? [] : [`${amount} ${amount === 1 ? one : many}`];
}

function error(id: string, message: string): Problem {
  return problem('error', id, message);
}

function notice(id: string, message: string): Problem {
  return problem('notice', id, message);
}

function problem(severity: Severity, id: string, message: string): Problem {
  return { id, severity, text: message };
}
