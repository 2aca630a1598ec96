import { patroniTimings } from '../../components/patroni/timings.ts';
import { waitAtMost } from '../../run/deadline.ts';
import type { Report, Step } from '../../run/step.ts';
import { hostsWithRole } from '../../spec/topology.ts';
import { readRows } from '../../sql/psql.ts';
import { REPLICATION, type Replication } from '../../sql/replication.ts';
import type { ClusterSession } from '../cluster-session.ts';

/** Added to the deadline of the wait, which is no failure when it is over. */
const SPARE_MS = 1000;

/** Waits for the votes; none where no commit waits for a standby. */
export function votesSteps(session: ClusterSession, primary: string): Step[] {
  if (session.spec.replication.synchronous === 0) return [];
  const run: Step['run'] = (report, signal) => allVote(session, primary, report, signal);
  const deadlineMs = votesDeadlineMs(session) + SPARE_MS;
  return [{ id: 'votes', title: 'The standbys confirm commits', deadlineMs, run }];
}

/** Patroni looks again at the latest then, and not before `loop_wait` after a promotion. */
export function votesDeadlineMs({ spec }: Pick<ClusterSession, 'spec'>): number {
  return 2 * patroniTimings(spec).loopWait * 1000;
}

/**
 * Waits until every standby that streams confirms commits, which takes some ten seconds after a role change. A new primary takes
 * over the votes of the old one: when only the candidate had one, the first commit would wait until the former primary is back as a
 * standby, while another one streams all the time. It is no failure when the time is over.
 */
export async function allVote(
  session: ClusterSession,
  primary: string,
  report: Report,
  signal: AbortSignal,
): Promise<void> {
  const members = hostsWithRole(session.spec, 'database').map(({ name }) => name);
  const database = { port: session.spec.postgres.port, name: 'postgres' };
  const deadlineMs = votesDeadlineMs(session);
  await waitAtMost({ what: 'votes of the standbys', host: primary, deadlineMs, pollMs: 500, signal }, async () => {
    const rows = await readRows(session.host(primary), database, REPLICATION);
    const mute = withoutVote(rows ?? [], members);
    if (mute.length > 0) report(`no vote yet: ${mute.join(', ')}`);
    return mute.length === 0 ? true : undefined;
  });
}

/** Members that stream and confirm no commits. Pure. */
export function withoutVote(rows: readonly Replication[], members: readonly string[]): string[] {
  return rows
    .filter(({ name, state, syncState }) => members.includes(name) && state === 'streaming' && syncState === 'async')
    .map(({ name }) => name);
}
