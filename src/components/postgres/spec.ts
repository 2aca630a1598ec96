import { z } from 'zod';

import { identifierSchema, portSchema } from '../../spec/values.ts';

const parameterValue = z.union([z.string(), z.number(), z.boolean()]);

/** Which of them belong to pgscale is in owned-parameters.ts. */
const parametersSchema = z.record(
  z.string().regex(/^[a-z_][a-z0-9_.]*$/u, 'expected the name of a parameter, in lower case'),
  parameterValue,
);

/** PostgreSQL itself: version, port, parameters over the computed ones, and extra lines of pg_hba.conf. */
export const postgresSpec = z.strictObject({
  version: z.literal(18).default(18),
  port: portSchema.default(5432),
  dataDirectory: z
    .string()
    .regex(/^\/[\w./-]+$/u, 'expected an absolute path')
    .optional()
    .describe('default: /var/lib/postgresql/18/<cluster>'),
  locale: z.string().default('C.UTF-8').describe('of a new cluster; it cannot be changed later'),
  parameters: parametersSchema
    .default({})
    .describe('parameters of postgresql.conf, over what pgscale computes from the size of each host'),
  hba: z.array(z.string()).default([]).describe('lines of pg_hba.conf, put before the last ones that pgscale writes'),
});

export const replicationSpec = z.strictObject({
  synchronous: z
    .int()
    .min(0)
    .optional()
    .describe('how many standbys confirm a commit before the client hears of it; default: 1, and 0 without standbys'),
  strict: z.boolean().default(false).describe('true: writes stop when no synchronous standby is left'),
  seedMaxRateMbPerSecond: z.int().min(1).max(1024).optional().describe('bandwidth cap of a base backup'),
});

export const databaseSpec = z.strictObject({
  name: identifierSchema,
  owner: identifierSchema.describe('a role of the spec'),
  extensions: z.array(z.string()).default([]).describe('created in it'),
});

export const roleSpec = z.strictObject({
  name: identifierSchema,
  createdb: z.boolean().default(false),
  connectionLimit: z.int().min(-1).default(-1).describe('-1: none'),
  memberOf: z
    .array(identifierSchema)
    .default([])
    .describe('roles of the spec, or predefined ones such as pg_read_all_data'),
});
