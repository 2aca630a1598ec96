import { z } from 'zod';

import { hostNameSchema, identifierSchema, portSchema } from '../../spec/values.ts';

const path = z
  .string()
  .regex(/^\/[\w./-]*$/u, 'expected an absolute path')
  .default('/pgscale')
  .describe('folder inside the repository');

const tls = {
  caFile: z.string().optional().describe('CA of the store, a file on this machine; default: the hosts’ own list'),
  verifyTls: z.boolean().default(true),
};

const repository = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('s3'),
    bucket: z.string().min(3).max(63),
    endpoint: hostNameSchema.describe('host name, without a scheme'),
    port: portSchema.optional(),
    region: z.string().min(1).default('us-east-1'),
    path,
    uriStyle: z.enum(['host', 'path']).default('host').describe('path: for most stores that are not Amazon’s'),
    ...tls,
  }),
  z.strictObject({ type: z.literal('posix'), path: path.describe('a file system that every database host mounts') }),
  z.strictObject({
    type: z.literal('sftp'),
    host: hostNameSchema,
    port: portSchema.default(22),
    user: z.string().min(1),
    hostFingerprint: z
      .string()
      .regex(/^[0-9a-f]{64}$/u, 'expected the SHA-256 of the host key, 64 hexadecimal digits')
      .optional()
      .describe('of its host key; left out, the key is recorded at the first contact'),
    path,
  }),
  z.strictObject({ type: z.literal('azure'), account: z.string().min(3), container: z.string().min(3), path, ...tls }),
  z.strictObject({ type: z.literal('gcs'), bucket: z.string().min(3).max(63), path }),
]);

/** systemd's OnCalendar, as in `Sun 01:00`; `man systemd.time`. */
const calendar = z.string().min(1);

/** Where backups and WAL go, how long they are kept and when they are made. Access keys are in the secrets file. */
export const backupSpec = z.strictObject({
  repository: repository.describe('where to; access keys are in the secrets file'),
  retention: z
    .strictObject({
      unit: z.enum(['days', 'count']).default('days').describe('how `full` counts'),
      full: z.int().min(1).default(14).describe('full backups are kept for so many days, or so many of them'),
    })
    .prefault({}),
  port: portSchema.default(8432).describe('where each database host lets the others back up from it, over mutual TLS'),
  archiveTimeoutSeconds: z.int().min(1).max(3600).default(60).describe('at most so much WAL is not in the repository'),
  schedule: z
    .strictObject({
      full: calendar.default('Sun 01:00'),
      differential: calendar.default('Mon..Sat 01:00'),
    })
    .prefault({})
    .describe('as systemd writes times (OnCalendar), in UTC'),
  drill: z
    .strictObject({
      schedule: calendar.default('Sun 04:00'),
      maxAgeDays: z.int().min(1).max(366).default(8).describe('`status` is degraded when the last good drill is older'),
      checks: z
        .array(
          z.strictObject({
            database: identifierSchema,
            sql: z.string().min(1).describe('gives one row with one column: true when the restored data is sound'),
          }),
        )
        .default([])
        .describe('queries in the restored copy, besides a look at every table and index'),
    })
    .optional()
    .describe(
      'restores the latest state to scratch on a schedule, on one of the members, and looks whether it is sound',
    ),
});

/** Where backups and WAL go. */
export type Repository = z.output<typeof repository>;

/** The kinds of repository. */
export type RepositoryType = Repository['type'];
