import * as z from 'zod/mini';

/** What the valve of one host is told: /etc/pgscale/pgbouncer/valve.json. */
export const valveSettings = z.object({
  pooler: z.object({
    /** The system user that the processes run as: to it alone their consoles are open. */
    user: z.string(),
    port: z.number(),
    /** One folder a process, named by its number. */
    socketDirectories: z.string(),
    /** Whose clients wait; those of all others go on. */
    databases: z.array(z.string()),
    /** PgBouncer's default_pool_size. */
    poolSize: z.number(),
  }),
  proxy: z.object({
    /** HAProxy's runtime API. */
    socket: z.string(),
    backend: z.string(),
  }),
  /** The way of the poolers to the primary, and a login to try it with. */
  door: z.object({
    port: z.number(),
    database: z.string(),
    user: z.string(),
    /** PgBouncer's userlist, which has the password. */
    userlist: z.string(),
    ca: z.string(),
  }),
  postgres: z.object({
    dataDirectory: z.string(),
    /** Passwords of the walreceiver, by the address that it streams from. */
    passFile: z.string(),
  }),
  /** There while the primary of this host is about to be moved. */
  moveMark: z.string(),
  /** There while the primary is about to be moved to this host. */
  candidateMark: z.string(),
  timings: z.object({
    /** Without a word from the command line for so long, the poolers are resumed. */
    silenceMs: z.number(),
    /** When its end is closed while poolers are paused (it was killed), what it began gets so long to end. */
    graceMs: z.number(),
    /** Poolers are never held longer. */
    holdMs: z.number(),
  }),
});
export type ValveSettings = z.output<typeof valveSettings>;
export type ValveTimings = ValveSettings['timings'];
