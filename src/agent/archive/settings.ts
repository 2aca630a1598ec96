import * as z from 'zod/mini';

import { etcdAccess } from '../etcd-gateway.ts';

export const PGBACKREST = '/usr/bin/pgbackrest';

/** What the programs about the archive are told: /etc/pgscale/pgbackrest/archive.json. */
export const archiveSettings = z.object({
  stanza: z.string(),
  /** pgbackrest.conf. */
  configFile: z.string(),
  dataDirectory: z.string(),
  /** The name of this host's member, as Patroni has it. */
  member: z.string(),
  etcd: etcdAccess,
});
export type ArchiveSettings = z.output<typeof archiveSettings>;
