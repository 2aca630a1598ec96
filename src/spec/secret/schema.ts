import { z } from 'zod';

/** Pgscale's own passwords. keepalived reads no more than 8 characters of a VRRP password. */
const passwords = {
  replication: z.string().min(12),
  rewind: z.string().min(12),
  poolerAuth: z.string().min(12),
  patroniRest: z.string().min(12),
  vrrp: z.string().length(8),
};

/** The secrets of one cluster, all references resolved. They never reach argv, logs, the audit or JSON output. */
export const secretsSchema = z.strictObject({
  /** Passwords of pgscale's own roles. */
  passwords: z.strictObject(passwords),
  /** Passwords of the roles in the spec, by name. */
  roles: z.record(z.string(), z.string().min(1)).default({}),
  /** Encrypts the backup repository. */
  backupCipher: z.string().min(16),
  /** Access to the backup repository: what of it is needed depends on the repository's type. */
  repository: z
    .strictObject({
      /** S3. */
      accessKey: z.string().min(1).optional(),
      /** S3. */
      secretKey: z.string().min(1).optional(),
      /** Azure: the account's key. GCS: the service account's JSON. SFTP: the private key. */
      key: z.string().min(1).optional(),
    })
    .default({}),
  /** The cluster's own CA, PEM. The key stays with the operator. */
  ca: z.strictObject({ certificate: z.string(), key: z.string() }),
});

export type Secrets = z.output<typeof secretsSchema>;

/** The same with everything optional: a file in which something may be missing, or stand as a reference. */
export const secretsFileSchema = z.strictObject({
  ...secretsSchema.partial().shape,
  passwords: z
    .strictObject(Object.fromEntries(Object.keys(passwords).map((name) => [name, z.string().min(1).optional()])))
    .optional(),
  backupCipher: z.string().min(1).optional(),
  ca: z.strictObject({ certificate: z.string().min(1).optional(), key: z.string().min(1).optional() }).optional(),
});
