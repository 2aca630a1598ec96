import { waitAtMost } from '../../run/deadline.ts';
import { runStages, type RunOptions } from '../../run/run-stages.ts';
import { cdcDatabase, cdcRole } from '../../spec/cdc.ts';
import { removeStream } from '../../spec/edit-cdc.ts';
import { readSpecText } from '../../spec/load.ts';
import { runSql } from '../../sql/psql.ts';
import { dropSlot, dropStatements } from '../../sql/stream.ts';
import { audited } from '../audited.ts';
import { connectedDatabaseHosts, type ClusterSession } from '../cluster-session.ts';
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
    await copiesGone(session, name, run.signal);
    if (stream !== undefined) {
      const database = { port, name: cdcDatabase(stream, spec.databases) ?? '' };
      await runSql(host, database, dropStatements({ name, role: cdcRole(stream) }));
      const text = await readSpecText(specPath);
      await runStages([{ title: 'Spec', steps: [specStep(specPath, text, removeStream(text, name).text)] }], run);
    }
    return { name, primary, dropped, isLastStream: stream !== undefined && spec.cdc.length === 1 };
  });
}

/** The worker on a standby removes them when it looks the next time, for which a reload wakes it. */
const COPIES_GONE_MS = 40_000;

/** As long as a copy is there, its server needs wal_level = logical. */
async function copiesGone(session: ClusterSession, name: string, signal: AbortSignal): Promise<void> {
  const database = { port: session.spec.postgres.port, name: 'postgres' };
  await waitAtMost({ what: `copies of ${name} to go`, deadlineMs: COPIES_GONE_MS, pollMs: 1000, signal }, async () => {
    const members = await readSlots(session);
    const left = connectedDatabaseHosts(session).filter((host) =>
      members.get(host.name)?.some((each) => each.name === name && each.isSynced),
    );
    await Promise.all(left.map((host) => runSql(host, database, 'select pg_reload_conf();')));
    return left.length === 0 ? true : undefined;
  });
}
