import { expect, it } from 'vitest';

import { planFrom } from '../../../src/operations/plan.ts';
import { surveyCluster } from '../../../src/operations/survey.ts';
import { startDesiredCluster } from '../../support/desired-cluster.ts';

it('finds nothing to change on hosts that are as they should be, in at most five round trips each', async () => {
  await using cluster = await startDesiredCluster(5);
  await using session = await cluster.open();
  const plan = planFrom(await surveyCluster(session));
  expect(plan.hosts.flatMap(({ changes }) => changes)).toEqual([]);
  expect(plan).toMatchObject({ changeCount: 0, clusterChanges: [], steps: [] });
  expect(Object.keys(plan.roundTrips)).toHaveLength(5);
  for (const count of Object.values(plan.roundTrips)) expect(count).toBeLessThanOrEqual(5);
});
