import { z } from 'zod';

/** Where packages come from, and how much of the system's settings pgscale may set. */
export const osSpec = z.strictObject({
  packages: z
    .enum(['debian', 'pgdg'])
    .default('debian')
    .describe('debian: what the hosts offer; pgdg: add that repository first'),
  tune: z.boolean().default(true).describe('sysctl, transparent huge pages and limits'),
});
