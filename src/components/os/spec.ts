import { z } from 'zod';

/** How much of the system's settings pgscale may set. Packages come from wherever the host's apt is set up to get them. */
export const osSpec = z.strictObject({
  tune: z.boolean().default(true).describe('sysctl, transparent huge pages and limits'),
});
