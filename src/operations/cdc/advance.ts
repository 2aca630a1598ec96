import { PgscaleError } from '../../errors/pgscale-error.ts';
import { runSql } from '../../sql/psql.ts';
import { advanceSlot } from '../../sql/stream.ts';
import { audited } from '../audited.ts';
import type { ClusterSession } from '../cluster-session.ts';
import { leaderOf, readMembers } from '../switchover/look.ts';
import { readSlots, refuseBusy, slotOn } from './look.ts';

export interface Advanced {
  readonly name: string;
  readonly primary: string;
  readonly from: string | null;
  readonly to: string;
}

/**
 * Moves a slot on, so that its consumer never gets what is before.
 * @param to A position in the WAL; the current one when left out.
 * @throws PgscaleError PGS_CDC_UNKNOWN, PGS_CDC_BUSY, PGS_SQL
 */
export async function advanceStream(session: ClusterSession, name: string, to?: string): Promise<Advanced> {
  if (to !== undefined && !/^[\dA-F]{1,8}\/[\dA-F]{1,8}$/iu.test(to)) {
    throw new PgscaleError('PGS_USAGE', {
      what: `not a position in the WAL: ${to}`,
      next: ['Write one like 0/1A2B3C4D.'],
    });
  }
  const primary = leaderOf(await readMembers(session));
  const slot = slotOn(await readSlots(session), primary, name);
  refuseBusy(slot);
  const database = { port: session.spec.postgres.port, name: slot.database };
  return audited(session, { command: 'cdc advance', changes: [`advance ${name} to ${to ?? 'now'}`] }, async () => {
    const reached = await runSql(session.host(primary), database, advanceSlot(name, to));
    return { name, primary, from: slot.confirmedLsn, to: reached.trim() };
  });
}
