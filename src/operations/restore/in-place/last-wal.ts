import { routeTo } from '../../../archive/target.ts';
import { PgscaleError } from '../../../errors/pgscale-error.ts';
import type { Host } from '../../../host/host.ts';
import type { Report, Step } from '../../../run/step.ts';
import { readCatalogue } from '../../backup/read-catalogue.ts';
import type { ClusterSession } from '../../cluster-session.ts';
import { REPLAY_DEADLINE_MS } from '../replay.ts';
import { IN_PLACE } from '../../../spec/restore-places.ts';
import type { Side } from '../side.ts';
import { unarchivedScript } from './scripts.ts';
import { isPast } from './state.ts';

/** A store that was away for long leaves many segments. */
const COPY_DEADLINE_MS = 3_600_000;

interface LastWalWork {
  readonly session: ClusterSession;
  /** Where the copy is. */
  readonly host: Host;
  readonly side: Side;
  /** That was asked for. */
  readonly timeline: number | undefined;
  /** Waits until the copy has come so far. */
  readonly replayTo: (endLsn: number, report: Report, signal: AbortSignal) => Promise<void>;
}

/**
 * A member that is stopped in order archives all that it has committed; what it could not is taken from its disk. The copy follows
 * the archive, and has to have come to the end of that before it is promoted.
 */
export function lastWalStep({ session, host, side, timeline, replayTo }: LastWalWork): Step {
  return {
    id: 'in-place-last',
    title: 'The last WAL of the cluster',
    host: host.name,
    deadlineMs: REPLAY_DEADLINE_MS,
    done: async () => ((await isPast(session, IN_PLACE, 'promoted')) ? 'done before' : false),
    run: async (report, signal) => {
      await host.run({ script: unarchivedScript(session.spec, IN_PLACE) }, { deadlineMs: COPY_DEADLINE_MS });
      await replayTo(await archiveEnd({ session, host, side, timeline }), report, signal);
    },
  };
}

/** @throws PgscaleError PGS_RESTORE_TARGET, PGS_REPOSITORY; PGS_RESTORE_FAILED when the cluster has moved on to another timeline */
export async function archiveEnd({
  session: { spec },
  host,
  side,
  timeline,
}: Omit<LastWalWork, 'replayTo'>): Promise<number> {
  const answer = routeTo(await readCatalogue(host, spec.cluster), { kind: 'latest' }, Date.now(), timeline);
  if (!answer.isPossible) {
    throw new PgscaleError('PGS_RESTORE_TARGET', { what: 'the latest cannot be restored', why: answer.why });
  }
  const { endLsn, timeline: newest } = answer.route;
  if (newest === side.timeline) return endLsn;
  throw new PgscaleError('PGS_RESTORE_FAILED', {
    what: `the copy follows timeline ${side.timeline}, and the cluster has gone on to timeline ${newest}`,
    host: host.name,
    why: 'there was a failover or a switchover meanwhile; the last commits would be missing',
    next: [`pgscale restore drop ${IN_PLACE}`, 'then the same command again'],
  });
}
