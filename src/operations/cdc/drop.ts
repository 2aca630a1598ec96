import { runStages, type RunOptions } from '../../run/run-stages.ts';
import { cdcDatabase, cdcRole } from '../../spec/cdc.ts';
import { removeStream } from '../../spec/edit-cdc.ts';
import { readSpecText } from '../../spec/load.ts';
import { runSql } from '../../sql/psql.ts';
import { dropSlot, dropStatements } from '../../sql/stream.ts';
import { audited } from '../audited.ts';
import type { ClusterSession } from '../cluster-session.ts';
import { specStep } from '../membership/spec-file.ts';
import { leaderOf, readMembers } from '../switchover/look.ts';
import { readSlots, refuseBusy, slotOn } from './look.ts';

export interface Dropped {
  readonly name: string;
  readonly primary: string;
  /** What is gone: slot, publication, role. */
  readonly dropped: readonly string[];
  /** wal_level and the like go back with the next `apply`. */
  readonly isLastStream: boolean;
}

/**
 * Drops a slot, and with a stream of the spec its publication, its role and its entry, too.
 * @throws PgscaleError PGS_CDC_UNKNOWN, PGS_CDC_BUSY, PGS_NO_LEADER
 */
export async function dropStream(
  session: ClusterSession,
  { specPath, name, run }: { specPath: string; name: string; run: RunOptions },
): Promise<Dropped> {
  const { spec } = session;
  const stream = spec.cdc.find((each) => each.name === name);
  const primary = leaderOf(await readMembers(session));
  const host = session.host(primary);
  const slots = await readSlots(session);
  const isThere = slots.get(primary)?.some((each) => each.name === name) === true;
  if (stream === undefined || isThere) refuseBusy(slotOn(slots, primary, name));
  const dropped = [...(isThere ? ['slot'] : []), ...(stream === undefined ? [] : ['publication', 'role'])];
  return audited(session, { command: 'cdc drop', changes: [`drop ${name}: ${dropped.join(', ')}`] }, async () => {
    const { port } = spec.postgres;
    await runSql(host, { port, name: 'postgres' }, dropSlot(name));
    if (stream !== undefined) {
      const database = { port, name: cdcDatabase(stream, spec.databases) ?? '' };
      await runSql(host, database, dropStatements({ name, role: cdcRole(stream) }));
      const text = await readSpecText(specPath);
      await runStages([{ title: 'Spec', steps: [specStep(specPath, text, removeStream(text, name).text)] }], run);
    }
    return { name, primary, dropped, isLastStream: stream !== undefined && spec.cdc.length === 1 };
  });
}
