import type { RunOptions } from '../../run/run-stages.ts';
import type { Stage, Step } from '../../run/step.ts';
import type { ClusterSession } from '../cluster-session.ts';
import { switchoverIn } from '../switchover/index.ts';
import { leaderOf, readMembers } from '../switchover/look.ts';
import { allVote, votesDeadlineMs } from '../switchover/votes.ts';

/** A checkpoint before the move may take long. */
const MOVE_DEADLINE_MS = 20 * 60_000;

export interface StandInOptions {
  readonly run: RunOptions;
  /** How long running transactions may take to end before the primary moves. */
  readonly pauseTimeoutMs: number;
}

/** So that a member that works can go: it leads no more, and is not the only one that confirms commits. */
export function standInStage(session: ClusterSession, old: string, options: StandInOptions): Stage {
  const isWaitedFor = session.spec.replication.synchronous > 0;
  return {
    title: 'Primary',
    serial: true,
    // The switchover looks itself where it may stop.
    whole: true,
    steps: [leaveStep(session, old, options), ...(isWaitedFor ? [votesStep(session)] : [])],
  };
}

function leaveStep(session: ClusterSession, old: string, { run, pauseTimeoutMs }: StandInOptions): Step {
  return {
    id: `primary-leaves:${old}`,
    title: `The primary leaves ${old}`,
    deadlineMs: MOVE_DEADLINE_MS,
    done: async () => {
      const leader = leaderOf(await readMembers(session));
      return leader === old ? false : `${leader} leads`;
    },
    run: async (report) => {
      const listener: RunOptions['listener'] = (event) => (event.event === 'step' ? report(event.title) : undefined);
      const quiet: RunOptions = { style: 'silent', listener, signal: run.signal };
      await switchoverIn(session, { run: quiet, pauseTimeoutMs, confirm: async () => true });
    },
  };
}

function votesStep(session: ClusterSession): Step {
  return {
    id: 'votes',
    title: 'The standbys confirm commits',
    deadlineMs: votesDeadlineMs(session) + 10_000,
    run: async (report, signal) => allVote(session, leaderOf(await readMembers(session)), report, signal),
  };
}
