import { z } from 'zod';

import { OWN_ROLES } from '../spec/layout.ts';
import type { Query } from './psql.ts';

const rowSchema = z.object({ count: z.number().int() });
const OWN = [OWN_ROLES.replication, OWN_ROLES.rewind, OWN_ROLES.poolerAuth].map((name) => `'${name}'`).join(', ');

/** Sessions over the network other than pgscale's own, however they came: also by a HAProxy that was reloaded meanwhile. */
export const REMOTE_SESSIONS: Query<z.output<typeof rowSchema>> = {
  row: rowSchema,
  text: `select count(*)::int as count from pg_stat_activity
    where backend_type = 'client backend' and client_addr is not null and usename not in (${OWN})`,
};
