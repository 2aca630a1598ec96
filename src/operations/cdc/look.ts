import type { SlotsByMember } from '../../cluster/slots.ts';
import { PgscaleError } from '../../errors/pgscale-error.ts';
import type { CdcSpec } from '../../spec/cdc.ts';
import type { Spec } from '../../spec/schema.ts';
import { readRows } from '../../sql/psql.ts';
import { LOGICAL_SLOTS, type LogicalSlot } from '../../sql/slot.ts';
import { connectedDatabaseHosts, type ClusterSession } from '../cluster-session.ts';

/** Asks every member for its logical slots. Those that take no connections are left out. */
export async function readSlots(session: ClusterSession): Promise<SlotsByMember> {
  const database = { port: session.spec.postgres.port, name: 'postgres' };
  const found = await Promise.all(
    connectedDatabaseHosts(session).map(
      async (host) => [host.name, await readRows(host, database, LOGICAL_SLOTS)] as const,
    ),
  );
  return new Map(found.flatMap(([name, slots]) => (slots === undefined ? [] : [[name, slots] as const])));
}

/** The stream of the spec. @throws PgscaleError PGS_CDC_UNKNOWN */
export function streamOf(spec: Spec, name: string): CdcSpec {
  const found = spec.cdc.find((each) => each.name === name);
  if (found !== undefined) return found;
  throw new PgscaleError('PGS_CDC_UNKNOWN', {
    what: `the spec has no stream ${name}`,
    why: `it has ${spec.cdc.map((each) => each.name).join(', ') || 'none'}`,
  });
}

/** The slot on the primary. @throws PgscaleError PGS_CDC_UNKNOWN */
export function slotOn(members: SlotsByMember, primary: string, name: string): LogicalSlot {
  const slots = members.get(primary) ?? [];
  const found = slots.find((each) => each.name === name);
  if (found !== undefined) return found;
  throw new PgscaleError('PGS_CDC_UNKNOWN', {
    what: `${primary} has no logical slot ${name}`,
    why: `it has ${slots.map((each) => each.name).join(', ') || 'none'}`,
    host: primary,
  });
}

/** @throws PgscaleError PGS_CDC_BUSY when a consumer is connected */
export function refuseBusy({ name, isActive }: LogicalSlot): void {
  if (isActive) throw new PgscaleError('PGS_CDC_BUSY', { what: `a consumer is connected to the slot ${name}` });
}
