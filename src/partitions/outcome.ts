import * as z from 'zod/mini';

/** How the last rotation by the timer ended on a host; what `status` reads. */
export const outcomeSchema = z.object({
  at: z.string(),
  /** standby: the host did not lead, and had nothing to do. */
  result: z.enum(['done', 'standby', 'failed']),
  problems: z.array(z.string()),
});
export type Outcome = z.output<typeof outcomeSchema>;
