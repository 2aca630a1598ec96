import * as z from 'zod/mini';

import { psqlAccess } from '../local-psql.ts';

/** What the upkeep of slots on one host is told: /etc/pgscale/cdc/slots.json. */
export const slotSettings = z.object({
  psql: psqlAccess,
  /** The other members, with the physical slot that each has on a primary. */
  standbys: z.array(z.object({ member: z.string(), slot: z.string() })),
});
export type SlotSettings = z.output<typeof slotSettings>;
