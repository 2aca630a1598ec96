import { z } from 'zod';

/** The secrets of one cluster, all references resolved. They never reach argv, logs, the audit or JSON output. */
export const secretsSchema = z.strictObject({
  /** Passwords of pgscale's own roles. */
  passwords: z.strictObject({
    replication: z.string().min(12),
    rewind: z.string().min(12),
    poolerAuth: z.string().min(12),
    poolerAdmin: z.string().min(12),
    patroniRest: z.string().min(12),
    vrrp: z.string().min(8),
  }),
  /** Passwords of the roles in the spec, by name. */
  roles: z.record(z.string(), z.string().min(1)),
  /** Encrypts the backup repository. */
  backupCipher: z.string().min(16),
  /** The cluster's own CA, PEM. The key stays with the operator. */
  ca: z.strictObject({ certificate: z.string(), key: z.string() }),
});

export type Secrets = z.output<typeof secretsSchema>;
