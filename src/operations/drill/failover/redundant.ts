import { z } from 'zod';

import { waitFor } from '../../../run/deadline.ts';
import type { Report } from '../../../run/step.ts';
import { hostsWithRole } from '../../../spec/topology.ts';
import { readRows, type Query } from '../../../sql/psql.ts';
import type { ClusterSession } from '../../cluster-session.ts';
import { problemLines, readRedundancy } from '../redundancy.ts';

const rowSchema = z.object({ streaming: z.number(), synchronous: z.number() });

const STANDBYS: Query<z.output<typeof rowSchema>> = {
  row: rowSchema,
  text: `select count(*) filter (where state = 'streaming')::int as streaming,
    count(*) filter (where state = 'streaming' and sync_state in ('sync', 'quorum'))::int as synchronous
    from pg_stat_replication where not pg_is_in_recovery()`,
};

export interface RedundancyWait {
  /** The host that takes the writes now. */
  readonly leader: string;
  readonly deadlineMs: number;
  readonly report: Report;
  readonly signal: AbortSignal;
}

/**
 * Waits until all is there again and gives who leads. The new primary is asked for its standbys first, because asking
 * all hosts for everything costs the hosts that are just coming back more than the drill may take from them.
 * @throws PgscaleError PGS_WAIT_DEADLINE with what is missing, PGS_INTERRUPTED
 */
export async function untilRedundant(session: ClusterSession, wait: RedundancyWait): Promise<string> {
  const { spec } = session;
  const wanted = hostsWithRole(spec, 'database').length - 1;
  // In quorum mode every standby has a vote, and what has none yet cannot take over.
  const votersWanted = spec.replication.synchronous > 0 ? wanted : 0;
  const { report, deadlineMs, signal } = wait;
  const host = session.host(wait.leader);
  let missing = 'the standbys do not stream yet';
  const why = async (): Promise<string> => missing;
  return waitFor({ what: 'full redundancy', deadlineMs, pollMs: 500, signal, why }, async () => {
    const rows = await readRows(host, { port: spec.postgres.port, name: 'postgres' }, STANDBYS).catch(() => undefined);
    const { streaming = 0, synchronous = 0 } = rows?.[0] ?? {};
    if (streaming < wanted || synchronous < votersWanted) {
      missing = `${streaming} of ${wanted} standbys stream from ${wait.leader}, ${synchronous} with a vote`;
      report(missing);
      return undefined;
    }
    const { leader, problems } = await readRedundancy(session);
    if (leader !== null && problems.length === 0) return leader;
    missing = problemLines(problems).join('\n');
    report(problemLines(problems)[0] ?? 'no member leads');
    return undefined;
  });
}
