import { z } from 'zod';

import { identifierSchema, tableSchema } from '../../spec/values.ts';

/** One stream of changes: a publication, a role and a slot. https://www.postgresql.org/docs/18/logicaldecoding.html */
export const cdcSpec = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,39}$/u, 'expected a name: a lower-case letter, then letters, digits or _ (40 at most)')
    .describe('the name of the slot and of the publication; the role is cdc_<name>'),
  plugin: z
    .enum(['pgoutput', 'wal2json'])
    .default('pgoutput')
    .describe('pgoutput: PostgreSQL’s own, which most consumers take; wal2json: changes as JSON'),
  database: identifierSchema.optional().describe('a database of the spec; may be left out when there is one only'),
  tables: z.array(tableSchema).min(1).describe('schema.name, or name in the schema public'),
});
