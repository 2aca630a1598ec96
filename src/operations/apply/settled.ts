import { setTimeout as sleep } from 'node:timers/promises';

import { catchingUpText, readCatchingUp, ReplayProgress } from '../../cluster/catching-up.ts';
import { readUnsettled } from '../../cluster/unsettled.ts';
import { readMember, wakeLeader } from '../../components/patroni/client.ts';
import { PgscaleError } from '../../errors/pgscale-error.ts';
import { journalTail } from '../../host/unit.ts';
import { waitFor } from '../../run/deadline.ts';
import type { Report, Stage } from '../../run/step.ts';
import { PATRONI } from '../../spec/layout.ts';
import { hostsWithRole } from '../../spec/topology.ts';
import type { HostSurvey, Survey } from '../survey.ts';
import { findLeader } from './primary.ts';

/** Without progress; a standby that replays what it was away for may take longer. */
export const SETTLE_DEADLINE_MS = 180_000;
export const SETTLE_LONGEST_MS = 24 * 3_600_000;
const FAILED_START_GRACE_MS = 12_000;
/** Time enough for what the leader has seen to come about. */
const WAKE_EVERY_MS = 2000;

/** The end of a run: every standby streams, and as many confirm commits as the spec wants. */
export function settledStage(survey: Survey): Stage {
  const wanted = hostsWithRole(survey.session.spec, 'database').length - 1;
  return {
    title: 'Cluster',
    steps: [
      {
        id: 'settled',
        title:
          wanted === 0
            ? 'The primary takes writes'
            : `${wanted} ${wanted === 1 ? 'standby streams' : 'standbys stream'}`,
        deadlineMs: SETTLE_LONGEST_MS + 10_000,
        run: (report, signal) => settle(survey, report, signal),
      },
    ],
  };
}

async function settle(survey: Survey, report: Report, signal: AbortSignal): Promise<void> {
  const { spec } = survey.session;
  const members = survey.hosts.filter((each) => each.member !== undefined);
  const replay = new ReplayProgress();
  let missing = 'no primary';
  let wokenAt = 0;
  await waitFor(
    {
      what: 'the standbys to stream',
      deadlineMs: SETTLE_DEADLINE_MS,
      progress: { of: () => replay.advances, longestMs: SETTLE_LONGEST_MS },
      pollMs: 500,
      signal,
      why: async () => missing,
    },
    async () => {
      await refuseFailedMembers(members);
      const leader = await findLeader(members);
      if (leader === undefined) return undefined;
      const found = await readUnsettled(leader.host, spec);
      if (found === undefined) return true;
      const behind = await readCatchingUp(
        leader.host,
        members.map(({ host }) => host),
        spec,
      );
      replay.note(behind);
      missing = catchingUpText(found, behind);
      report(missing);
      if (performance.now() - wokenAt >= WAKE_EVERY_MS) {
        wokenAt = performance.now();
        // Left alone, the leader finds out by itself, later.
        await wakeLeader(leader.host, leader.target).catch(() => undefined);
      }
      return undefined;
    },
  );
}

/** Patroni tries a start again at each loop; one that failed twice in a row will not come by waiting. */
async function refuseFailedMembers(members: readonly HostSurvey[]): Promise<void> {
  for (const { host, target } of members) {
    const first = await readMember(host, target);
    if (first?.state !== 'start failed') continue;
    await sleep(FAILED_START_GRACE_MS);
    const second = await readMember(host, target);
    if (second?.state !== 'start failed') continue;
    throw new PgscaleError('PGS_UNIT_FAILED', {
      what: `PostgreSQL on ${host.name} does not start`,
      host: host.name,
      why: await journalTail(host, PATRONI.unit),
      next: [`pgscale exec ${host.name} -- journalctl -u ${PATRONI.unit} -n 100`],
    });
  }
}
