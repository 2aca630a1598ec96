import { sh } from '../host/command.ts';
import { POSTGRES } from '../spec/layout.ts';
import { readRows } from '../sql/psql.ts';
import { sharedParameters } from '../spec/shared-parameters.ts';
import { LOGICAL_SLOTS } from '../sql/slot.ts';
import { error, type Check } from './check.ts';

/** PostgreSQL does not start with a logical slot and a wal_level below logical: it would stay down after the restart. */
export const logicalSlots: Check = {
  id: 'logical-slots',
  title: 'Logical slots have the wal_level that they need',
  run: async (reader, { spec, host }) => {
    if (sharedParameters(spec).wal_level === 'logical' || !host.roles.includes('database')) return [];
    const socket = `${POSTGRES.socketDirectory}/.s.PGSQL.${spec.postgres.port}`;
    if ((await reader.read(sh`test -S ${socket}`)).exitCode !== 0) return [];
    const slots = await readRows(reader, { port: spec.postgres.port, name: 'postgres' }, LOGICAL_SLOTS);
    const remedy =
      'Drop them (pgscale cdc drop NAME), or keep them: a stream under `cdc`, or postgres.parameters.wal_level: logical.';
    return (slots ?? []).map(({ name }) =>
      error('logical-slot', `the slot ${name} needs wal_level = logical, and the spec takes that away`, remedy),
    );
  },
};
