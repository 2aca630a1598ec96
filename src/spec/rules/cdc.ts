import { slotOfMember } from '../../sql/slot.ts';
import { cdcDatabase, cdcRole } from '../cdc.ts';
import { nearest } from '../nearest.ts';
import { partitionDatabase } from '../partitions.ts';
import { type Finding, repeated, type Rule } from './rule.ts';

/** Names of streams: no two the same, and no slot or role that somebody else has. */
export const distinctStreams: Rule = ({ cdc, hosts, roles }) => [
  ...repeated(cdc.map(({ name }) => name)).map(({ text, index }) => ({
    path: ['cdc', index, 'name'],
    message: `there is a stream ${text} already`,
  })),
  ...cdc.flatMap((stream, index): Finding[] => {
    const path = ['cdc', index, 'name'];
    const member = hosts.find(({ name }) => slotOfMember(name) === stream.name);
    const role = roles.find(({ name }) => name === cdcRole(stream));
    return [
      ...(member === undefined
        ? []
        : [{ path, message: `the slot ${stream.name} is that of the member ${member.name}` }]),
      ...(role === undefined ? [] : [{ path, message: `the role ${role.name} is one of the spec already` }]),
    ];
  }),
];

/** wal2json knows partitions only by their own names: changes of a partitioned table would silently be left out. */
export const wholeTables: Rule = ({ cdc, partitions, databases }) =>
  cdc.flatMap((stream, index): Finding[] =>
    partitions
      .filter(
        (policy) =>
          stream.plugin === 'wal2json' &&
          stream.tables.includes(policy.table) &&
          partitionDatabase(policy, databases) === cdcDatabase(stream, databases),
      )
      .map(({ table }) => ({
        path: ['cdc', index, 'plugin'],
        message: `${table} is, or will be, partitioned, and wal2json knows partitions only by their own names; pgoutput publishes the table`,
      })),
  );

/** A stream comes from a database of the spec; with several of them it says which. */
export const knownStreamDatabases: Rule = ({ cdc, databases }) => {
  const names = databases.map(({ name }) => name);
  return cdc.flatMap((stream, index): Finding[] => {
    const database = cdcDatabase(stream, databases);
    if (database === undefined) {
      const which = names.length === 0 ? 'the spec has no database' : `the spec has ${names.join(', ')}`;
      return [{ path: ['cdc', index], message: `missing: database, as ${which}` }];
    }
    if (names.includes(database)) return [];
    const near = nearest(database, names);
    const advice = near === undefined ? 'add it under databases' : `did you mean ${near}?`;
    return [{ path: ['cdc', index, 'database'], message: `there is no database ${database} in the spec; ${advice}` }];
  });
};
