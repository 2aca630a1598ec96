import { clusterResources } from '../../components/index.ts';
import { converge } from '../../resources/converge.ts';
import { PgscaleError } from '../../errors/pgscale-error.ts';
import type { Stage } from '../../run/step.ts';
import type { Survey } from '../survey.ts';
import { findLeader } from './primary.ts';

/** Roles, databases and Patroni's shared settings: applied on whichever host leads by then. */
export function clusterObjectsStage(survey: Survey): Stage {
  const title = 'Roles, databases and shared settings';
  if (survey.cluster.every((finding) => finding.change === undefined)) return { title, steps: [] };
  return {
    title,
    steps: [
      {
        id: 'cluster-objects',
        title,
        deadlineMs: 5 * 60_000,
        run: async (report, signal) => {
          const leader = await findLeader(survey.hosts.filter((each) => each.member !== undefined));
          if (leader === undefined) {
            throw new PgscaleError('PGS_NO_LEADER', { what: `cluster ${survey.session.spec.cluster} has no leader` });
          }
          await converge(leader.host, clusterResources(leader.target), { report, signal });
        },
      },
    ],
  };
}
