import type { Reader } from '../host/host.ts';
import { waitFor } from '../run/deadline.ts';
import { REPLAYED } from '../sql/position.ts';
import { readRows } from '../sql/psql.ts';

const DEADLINE_MS = 60_000;

/**
 * Waits until a standby has replayed all that the primary has written by now. Settings that a standby may not have lower than
 * its primary reach it by the WAL: before, PostgreSQL starts with the old ones.
 * https://www.postgresql.org/docs/18/hot-standby.html#HOT-STANDBY-ADMIN
 *
 * @throws PgscaleError PGS_WAIT_DEADLINE, PGS_INTERRUPTED
 */
export async function waitReplayed(primary: Reader, standby: Reader, port: number, signal: AbortSignal): Promise<void> {
  const position = async (reader: Reader): Promise<number | undefined> =>
    (await readRows(reader, { port, name: 'postgres' }, REPLAYED))?.[0]?.bytes ?? undefined;
  let written: number | undefined;
  const what = `${standby.name} to replay what ${primary.name} has written`;
  await waitFor({ what, host: standby.name, deadlineMs: DEADLINE_MS, signal }, async () => {
    written ??= await position(primary);
    const replayed = await position(standby);
    return written !== undefined && replayed !== undefined && replayed >= written ? true : undefined;
  });
}
