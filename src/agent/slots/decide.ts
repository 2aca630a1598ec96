import * as z from 'zod/mini';

const slot = z.object({
  name: z.string(),
  isLogical: z.boolean(),
  isActive: z.boolean(),
  isFailover: z.boolean(),
  isSynced: z.boolean(),
  isTemporary: z.boolean(),
});

/** What the PostgreSQL of this host says of itself, as `LOOK` asks. */
export const look = z.object({
  isStandby: z.boolean(),
  /** Whether it receives WAL now, and with it may copy slots. */
  isReceiving: z.boolean(),
  /** Whether a commit waits for a standby now. */
  isSynchronous: z.boolean(),
  /** The process on a standby that makes the copies. */
  copier: z.nullable(z.number()),
  /** Of `synchronized_standby_slots`. */
  listed: z.array(z.string()),
  /** The standbys that stream, by application_name, which is that of the member. */
  streaming: z.array(z.string()),
  slots: z.array(slot),
});
export type Look = z.output<typeof look>;

/** What has to be done. */
export type Deed =
  | { readonly kind: 'list'; readonly slots: readonly string[] }
  | { readonly kind: 'drop'; readonly slot: string }
  | { readonly kind: 'copy' };

/** All of `Look` as one line of JSON. */
export const LOOK = `select json_build_object(
  'isStandby', pg_is_in_recovery(),
  'isReceiving', exists (select from pg_stat_wal_receiver where status = 'streaming'),
  'isSynchronous', current_setting('synchronous_standby_names') <> '',
  'copier', (select min(pid) from pg_stat_activity where backend_type = 'slotsync worker'),
  'listed', array(select trim(both ' "' from each) from unnest(string_to_array(current_setting('synchronized_standby_slots'), ',')) as each where trim(each) <> ''),
  'streaming', coalesce((select json_agg(application_name) from pg_stat_replication where state = 'streaming'), '[]'),
  'slots', coalesce((select json_agg(json_build_object('name', slot_name, 'isLogical', slot_type = 'logical', 'isActive', active,
    'isFailover', failover, 'isSynced', synced, 'isTemporary', temporary)) from pg_replication_slots), '[]'))`;

/**
 * What Patroni leaves to be done. Pure.
 *
 * On a primary: consumers get a change when every standby that is listed has it, so that none of them is ever ahead of who
 * takes over. One that is listed and gone would hold up all consumers, so the list is of those that stream. When none does,
 * consumers wait for as long as commits do.
 *
 * On a standby: a failover slot that is not `synced` is left from when it was the primary. It is in the way of the copy,
 * which nobody would make as long as it is there. Without a stream there is nothing to copy from, and it stays.
 */
export function decide(seen: Look, standbys: readonly { member: string; slot: string }[]): Deed[] {
  if (!seen.isStandby) return listing(seen, standbys);
  if (!seen.isReceiving) return [];
  const left = seen.slots.filter((each) => {
    const isLeft = each.isLogical && each.isFailover && !each.isSynced;
    return isLeft && !each.isActive && !each.isTemporary;
  });
  if (left.length === 0) return [];
  return [...left.map(({ name }) => ({ kind: 'drop' as const, slot: name })), { kind: 'copy' }];
}

function listing(
  { streaming, slots, listed, isSynchronous }: Look,
  standbys: readonly { member: string; slot: string }[],
): Deed[] {
  const active = new Set(slots.filter((each) => !each.isLogical && each.isActive).map(({ name }) => name));
  const wanted = standbys
    .filter(({ member, slot: name }) => streaming.includes(member) && active.has(name))
    .map(({ slot: name }) => name)
    .toSorted();
  if (wanted.length === 0 && isSynchronous && standbys.length > 0) {
    return listed.length > 0 ? [] : [{ kind: 'list', slots: standbys.map((each) => each.slot) }];
  }
  return wanted.join() === listed.toSorted().join() ? [] : [{ kind: 'list', slots: wanted }];
}
