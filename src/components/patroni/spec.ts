import { z } from 'zod';

import { portSchema } from '../../spec/values.ts';

/** How fast a failure has to be noticed; one word sets Patroni, HAProxy, PgBouncer and TCP timeouts together. */
export const failoverSpec = z.strictObject({
  profile: z
    .enum(['fast', 'normal', 'wan'])
    .default('fast')
    .describe('sets the timeouts of Patroni, HAProxy, PgBouncer and TCP together'),
  guard: z
    .boolean()
    .default(true)
    .describe('a guard on every database host that makes room at once for a standby when PostgreSQL or Patroni dies'),
  restPort: portSchema.default(8008).describe('Patroni’s REST API, over TLS with client certificates'),
});
