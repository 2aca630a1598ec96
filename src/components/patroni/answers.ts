import { z } from 'zod';

/** Lag in bytes; Patroni says "unknown" when a member does not tell. */
const lagSchema = z.union([z.number(), z.literal('unknown')]).optional();

/** `GET /cluster`: the members as etcd has them. https://patroni.readthedocs.io/en/latest/rest_api.html */
export const clusterAnswer = z.object({
  scope: z.string().optional(),
  pause: z.boolean().default(false),
  scheduled_switchover: z.looseObject({ at: z.string() }).optional(),
  members: z.array(
    z.object({
      name: z.string(),
      /** `leader`, `sync_standby`, `quorum_standby`, `replica`, `standby_leader`. */
      role: z.string(),
      /** `running`, `streaming`, `starting`, `stopped`, `start failed`, `creating replica` … */
      state: z.string(),
      api_url: z.string(),
      host: z.string().optional(),
      port: z.number().optional(),
      timeline: z.union([z.number(), z.literal('unknown')]).optional(),
      lag: lagSchema,
      pending_restart: z.boolean().default(false),
      tags: z.record(z.string(), z.unknown()).default({}),
    }),
  ),
});
export type ClusterAnswer = z.output<typeof clusterAnswer>;

/**
 * `GET /patroni`: one member as it sees itself. The HTTP status says whether PostgreSQL runs; the body is the same.
 * https://patroni.readthedocs.io/en/latest/rest_api.html
 */
export const memberAnswer = z.object({
  state: z.string(),
  /** `primary`, `replica`, `standby_leader`; older names are not met with 4.1. */
  role: z.string(),
  server_version: z.number().optional(),
  timeline: z.number().optional(),
  postmaster_start_time: z.string().optional(),
  xlog: z
    .object({
      location: z.number().optional(),
      received_location: z.number().nullish(),
      replayed_location: z.number().nullish(),
      replayed_timestamp: z.string().nullish(),
      paused: z.boolean().optional(),
    })
    .optional(),
  replication_state: z.string().optional(),
  sync_standby: z.boolean().default(false),
  quorum_standby: z.boolean().default(false),
  cluster_unlocked: z.boolean().default(false),
  failsafe_mode_is_active: z.boolean().default(false),
  pause: z.boolean().default(false),
  pending_restart: z.boolean().default(false),
  pending_restart_reason: z
    .record(z.string(), z.object({ old_value: z.string().nullish(), new_value: z.string().nullish() }))
    .default({}),
  /** When this member last reached etcd, in seconds since 1970. */
  dcs_last_seen: z.number(),
  patroni: z.object({ version: z.string(), scope: z.string(), name: z.string() }),
});
export type MemberAnswer = z.output<typeof memberAnswer>;

/** `GET /config`: the shared config as it is in etcd. */
export const configAnswer = z.record(z.string(), z.unknown());
