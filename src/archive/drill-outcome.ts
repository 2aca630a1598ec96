import * as z from 'zod/mini';

const passed = z.object({
  at: z.string(),
  /** From the first byte to a server that takes writes. */
  rtoMs: z.number(),
  /** How much older the last restored commit was than the last one of the cluster at that moment; null: one of them is not known. */
  rpoMs: z.nullable(z.number()),
  databaseBytes: z.number(),
});

/** How the last restore drill of a host ended; what `status` reads. */
export const drillOutcome = z.object({
  at: z.string(),
  result: z.enum(['passed', 'failed']),
  problems: z.array(z.string()),
  durationMs: z.number(),
  /** The last commit that was restored. */
  lastTransactionAt: z.nullable(z.string()),
  /** The last drill that passed, which may be this one. */
  lastGood: z.nullable(passed),
});

/** How the last restore drill of a host ended. */
export type DrillOutcome = z.output<typeof drillOutcome>;
/** What a drill that passed has measured. */
export type DrillPassed = z.output<typeof passed>;
