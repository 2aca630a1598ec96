import * as z from 'zod/mini';

import { policySchema } from '../../partitions/policy.ts';
import { psqlAccess } from '../local-psql.ts';
import { restAccess } from '../patroni-rest.ts';

/** What the rotation of one host is told: /etc/pgscale/partitions/rotation.json. */
export const rotationSettings = z.object({
  patroni: restAccess,
  psql: psqlAccess,
  databases: z.array(z.object({ database: z.string(), policies: z.array(policySchema) })),
  /** Settings of the object store (`storeSettings`), in a file of their own, since they hold secrets; null without one. */
  storeFile: z.nullable(z.string()),
  /** Where it is written how the rotation ended. */
  outcomeFile: z.string(),
});
export type RotationSettings = z.output<typeof rotationSettings>;
