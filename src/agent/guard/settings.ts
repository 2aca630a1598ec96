import * as z from 'zod/mini';

import { etcdAccess } from '../etcd-gateway.ts';
import { psqlAccess } from '../local-psql.ts';
import { restLogin } from '../patroni-rest.ts';

/** What the guard of one host is told: /etc/pgscale/agent/guard.json. */
export const guardSettings = z.object({
  /** The name of this host's member, as Patroni has it. */
  member: z.string(),
  dataDirectory: z.string(),
  /** Patroni's systemd unit. */
  unit: z.string(),
  etcd: etcdAccess,
  /** The member of etcd on this host, where there is one. */
  ownEtcdUrl: z.optional(z.string()),
  /** Patroni's REST API on this host. */
  rest: restLogin,
  psql: psqlAccess,
  timings: z.object({
    /** Pause between two looks at the processes. */
    tickMs: z.number(),
    /** Pause between two looks at etcd while all is well. */
    lookMs: z.number(),
    /** How long a crashed postmaster may be away. */
    postmasterMs: z.number(),
    /** How long Patroni may be away; systemd starts it again after a second. */
    patroniMs: z.number(),
    /** Patroni has to run for so long before its earlier absences are forgotten. */
    steadyMs: z.number(),
    /** With less left of the lease Patroni has stopped renewing it. */
    leaseFloorSeconds: z.number(),
    /** Without Patroni and without a word from etcd for so long, the lease may be somebody else's soon. */
    blindMs: z.number(),
    /** After so long the lease has run out by itself. */
    leaseMs: z.number(),
  }),
});
export type GuardSettings = z.output<typeof guardSettings>;
export type GuardTimings = GuardSettings['timings'];
