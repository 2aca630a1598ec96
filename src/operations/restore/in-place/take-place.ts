import type { Host } from '../../../host/host.ts';
import { followJob, startJob } from '../../../host/job.ts';
import type { Step } from '../../../run/step.ts';
import type { ClusterSession } from '../../cluster-session.ts';
import type { Side } from '../side.ts';
import { promoteScript, swapScript } from './scripts.ts';
import { isPast, type Phase } from './state.ts';

const PROMOTE_DEADLINE_MS = 900_000;
const PROMOTE_JOB = 'restore-promote';

interface TakePlaceWork {
  readonly session: ClusterSession;
  /** Where the copy is. */
  readonly host: Host;
  readonly side: Pick<Side, 'name' | 'port' | 'createdAt'>;
  /** SQL that the promoted copy is given before it is the cluster; may hold secrets. */
  readonly statements?: readonly string[];
}

/** From a copy that waits at its target to the data directory of its host. Each step may be run again. */
export function takePlaceSteps({ session, host, side, statements }: TakePlaceWork): Step[] {
  const { spec } = session;
  const before = (phase: Phase) => async (): Promise<string | false> =>
    (await isPast(session, side.name, phase)) ? 'done before' : false;
  return [
    {
      id: `${side.name}-promote`,
      title: 'Promote the copy to a new timeline',
      host: host.name,
      deadlineMs: PROMOTE_DEADLINE_MS,
      done: before('promoted'),
      run: async (_report, signal) => {
        await startJob(host, { name: PROMOTE_JOB, script: promoteScript(spec, side, statements) });
        await followJob(host, PROMOTE_JOB, { deadlineMs: PROMOTE_DEADLINE_MS, pollMs: 500, signal });
      },
    },
    {
      id: `${side.name}-swap`,
      title: 'The copy becomes the data directory',
      host: host.name,
      deadlineMs: 60_000,
      done: before('swapped'),
      run: async () => {
        await host.run({ script: swapScript(spec, side) });
      },
    },
  ];
}
