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

const logicalRow = z.object({
  name: z.string(),
  plugin: z.string(),
  database: z.string(),
  isActive: z.boolean(),
  isFailover: z.boolean(),
  /** A copy of the primary's slot that may be used after a promotion; on a primary it says nothing. */
  isSynced: z.boolean(),
  confirmedLsn: z.string().nullable(),
  /** How far it is behind the server's own position; null on a standby, and for a slot that is lost. */
  behindBytes: z.number().nullable(),
  /** WAL that the server keeps for it. */
  retainedBytes: z.number().nullable(),
  /** Of that, wal_keep_size is kept in any case. Null: there is no limit. */
  limitBytes: z.number().nullable(),
  /** reserved, extended, unreserved (about to be removed), lost. */
  walStatus: z.string().nullable(),
  invalidationReason: z.string().nullable(),
  inactiveSeconds: z.number().nullable(),
  /** What the consumer itself has still to confirm, in time; null without a consumer, or when nothing is on the way. */
  consumerLagSeconds: z.number().nullable(),
});

/** A logical slot of a server. https://www.postgresql.org/docs/18/view-pg-replication-slots.html */
export type LogicalSlot = z.output<typeof logicalRow>;

/** Slots that will still be there when their session ends. */
export const LOGICAL_SLOTS: Query<LogicalSlot> = {
  row: logicalRow,
  text: `select s.slot_name::text as name, s.plugin::text as plugin, s.database::text as database, s.active as "isActive",
      s.failover as "isFailover", s.synced as "isSynced", s.confirmed_flush_lsn::text as "confirmedLsn",
      pg_wal_lsn_diff(here.lsn, s.confirmed_flush_lsn)::float8 as "behindBytes",
      case when s.wal_status <> 'lost' then greatest(pg_wal_lsn_diff(here.lsn, s.restart_lsn), 0)::float8 end as "retainedBytes",
      (select case when min(setting::bigint) < 0 then null else max(setting::float8) * 1048576 end
        from pg_settings where pg_settings.name in ('max_slot_wal_keep_size', 'wal_keep_size')) as "limitBytes",
      s.wal_status as "walStatus", s.invalidation_reason as "invalidationReason",
      extract(epoch from now() - s.inactive_since)::float8 as "inactiveSeconds",
      extract(epoch from greatest(r.write_lag, r.flush_lag))::float8 as "consumerLagSeconds"
    from pg_replication_slots as s
      left join pg_stat_replication as r on r.pid = s.active_pid,
      (select case when pg_is_in_recovery() then null else pg_current_wal_lsn() end as lsn) as here
    where s.slot_type = 'logical' and not s.temporary order by s.slot_name`,
};
