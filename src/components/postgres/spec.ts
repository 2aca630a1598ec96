import { z } from 'zod';

import { identifierSchema, portSchema } from '../../spec/values.ts';
import { RESERVED_PARAMETERS } from './parameters.ts';

const parameterValue = z.union([z.string(), z.number(), z.boolean()]);

const parametersSchema = z
  .record(z.string().regex(/^[a-z_][a-z0-9_.]*$/u, 'expected the name of a parameter, in lower case'), parameterValue)
  .superRefine((parameters, context) => {
    for (const name of Object.keys(parameters)) {
      const setBy = RESERVED_PARAMETERS[name];
      if (setBy === undefined) continue;
      context.addIssue({ code: 'custom', path: [name], message: `${name} cannot be set here: it comes from ${setBy}` });
    }
  });

/** PostgreSQL itself: version, port, parameters over the computed ones, and extra lines of pg_hba.conf. */
export const postgresSpec = z.strictObject({
  version: z.literal(18).default(18),
  port: portSchema.default(5432),
  dataDirectory: z
    .string()
    .regex(/^\/[\w./-]+$/u, 'expected an absolute path')
    .optional()
    .describe('default: /var/lib/postgresql/18/<cluster>'),
  locale: z.string().default('C.UTF-8'),
  parameters: parametersSchema.default({}),
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
  owner: identifierSchema,
  extensions: z.array(z.string()).default([]),
});

export const roleSpec = z.strictObject({
  name: identifierSchema,
  createdb: z.boolean().default(false),
  connectionLimit: z.int().min(-1).default(-1),
  memberOf: z.array(identifierSchema).default([]),
});
