import { z } from 'zod';

import type { Query } from './psql.ts';

const rowSchema = z.object({ name: z.string(), isActive: z.boolean() });

/** Physical replication slots of a server. */
export const PHYSICAL_SLOTS: Query<z.output<typeof rowSchema>> = {
  row: rowSchema,
  text: `select slot_name::text as name, active as "isActive" from pg_replication_slots where slot_type = 'physical'`,
};

/** The slot that Patroni makes for a member. https://patroni.readthedocs.io/en/latest/dynamic_configuration.html */
export function slotOfMember(name: string): string {
  return name.toLowerCase().replaceAll(/[-.]/gu, '_');
}
