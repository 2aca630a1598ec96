import { nearest } from '../nearest.ts';
import { partitionDatabase } from '../partitions.ts';
import { repeated, type Finding, type Rule } from './rule.ts';

/** PostgreSQL cuts longer names off, and two partitions would be called the same. */
const NAME_LONGEST = 63;
/** Room for `_2`, where a name is taken by something else. */
const SPARE = 2;
/** What a step adds to the name of the table. */
const SUFFIX = {
  hour: '_2026_05_01_13',
  day: '_2026_05_01',
  week: '_2026_w18',
  month: '_2026_05',
  quarter: '_2026_q2',
  year: '_2026',
} as const;
const ID_SUFFIX = '_9223372036854775807';

/** One policy for a table. */
export const distinctTables: Rule = ({ partitions, databases }) =>
  repeated(partitions.map((policy) => `${partitionDatabase(policy, databases) ?? ''} ${policy.table}`)).map(
    ({ index }) => ({
      path: ['partitions', index, 'table'],
      message: `there is a policy for ${partitions[index]?.table ?? ''} already`,
    }),
  );

/** A policy is for a database of the spec; with several of them it says which. */
export const knownDatabases: Rule = ({ partitions, databases }) => {
  const names = databases.map(({ name }) => name);
  return partitions.flatMap(({ database }, index): Finding[] => {
    if (database !== undefined && !names.includes(database)) {
      const near = nearest(database, names);
      const advice = near === undefined ? 'add it under databases' : `did you mean ${near}?`;
      const path = ['partitions', index, 'database'];
      return [{ path, message: `there is no database ${database} in the spec; ${advice}` }];
    }
    if (database !== undefined || names.length === 1) return [];
    const which = names.length === 0 ? 'the spec has no database' : `the spec has ${names.join(', ')}`;
    return [{ path: ['partitions', index], message: `missing: database, as ${which}` }];
  });
};

/** The names of partitions must not be cut off. */
export const fittingNames: Rule = ({ partitions }) =>
  partitions.flatMap((policy, index) => {
    const table = policy.table.slice(policy.table.indexOf('.') + 1);
    const longest = Math.max(...suffixes(policy).map((suffix) => suffix.length));
    const most = NAME_LONGEST - longest - SPARE;
    if (table.length <= most) return [];
    const message = `the names of its partitions would be cut off: expected ${most} characters at most for this step`;
    return [{ path: ['partitions', index, 'table'], message }];
  });

/** What is archived goes where the backups go, if others than pgBackRest can write there. */
export const archivable: Rule = ({ partitions, backup }) =>
  partitions.flatMap((policy, index): Finding[] => {
    const type = backup?.repository.type;
    if (policy.by !== 'range' || policy.retention?.action !== 'archive' || type === 's3' || type === 'posix') return [];
    const why = type === undefined ? 'the spec has no backup' : `the repository of backup is of type ${type}`;
    return [
      { path: ['partitions', index, 'retention', 'action'], message: `archive wants a repository s3 or posix: ${why}` },
    ];
  });

/** Hours are those of UTC, ids have no age, and a value is in one partition. */
export const fittingSteps: Rule = ({ partitions }) =>
  partitions.flatMap((policy, index): Finding[] => {
    const at = (...path: (string | number)[]): (string | number)[] => ['partitions', index, ...path];
    if (policy.by === 'list') {
      const values = Object.entries(policy.partitions).flatMap(([name, each]) =>
        each.map((value) => ({ name, value })),
      );
      return repeated(values.map(({ value }) => String(value))).map(({ text, index: nth }) => ({
        path: at('partitions', values[nth]?.name ?? ''),
        message: `${text} is in another partition already`,
      }));
    }
    if (policy.by !== 'range') return [];
    const isHourly = policy.step === 'hour' && policy.timeZone !== 'UTC';
    const isAged = typeof policy.step === 'number' && typeof policy.retention?.keep === 'string';
    return [
      ...(isHourly
        ? [{ path: at('timeZone'), message: 'hours are those of UTC: where clocks go back, a local hour comes twice' }]
        : []),
      ...(isAged
        ? [{ path: at('retention', 'keep'), message: 'ids have no age: expected so many partitions (a number)' }]
        : []),
    ];
  });

function suffixes(policy: Parameters<Rule>[0]['partitions'][number]): string[] {
  if (policy.by === 'list') return Object.keys(policy.partitions).map((name) => `_${name}`);
  if (policy.by === 'hash') return [`_${policy.modulus - 1}`];
  const { step } = policy;
  return [typeof step === 'number' ? ID_SUFFIX : SUFFIX[step]];
}
