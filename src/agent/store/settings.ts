import * as z from 'zod/mini';

/** Where archived partitions go: the repository of the backups, in a folder of its own. Holds secrets. */
export const storeSettings = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('s3'),
    endpoint: z.string(),
    port: z.number(),
    bucket: z.string(),
    region: z.string(),
    uriStyle: z.enum(['host', 'path']),
    accessKey: z.string(),
    secretKey: z.string(),
    caFile: z.optional(z.string()),
    verifyTls: z.boolean(),
    folder: z.string(),
  }),
  z.object({ type: z.literal('posix'), folder: z.string() }),
]);
export type StoreSettings = z.output<typeof storeSettings>;
export type S3Settings = Extract<StoreSettings, { type: 's3' }>;
