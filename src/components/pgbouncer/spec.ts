import { z } from 'zod';

/** PgBouncer on every database host. */
export const poolerSpec = z.strictObject({
  mode: z
    .enum(['transaction', 'session', 'statement'])
    .default('transaction')
    .describe('when a server connection goes back to the pool'),
  clients: z.int().min(10).default(10_000).describe('client connections over all processes of one host'),
  backends: z.int().min(1).default(200).describe('server connections over all processes of one host'),
  processes: z
    .union([z.literal('auto'), z.int().min(1).max(64)])
    .default('auto')
    .describe('auto: one per core, 4 at most'),
});
