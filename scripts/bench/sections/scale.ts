import { planFrom } from '../../../src/operations/plan.ts';
import { surveyCluster } from '../../../src/operations/survey.ts';
import { startDesiredCluster, type DesiredCluster } from '../../../test/support/desired-cluster.ts';
import { startThreadedServers } from '../threaded-servers.ts';
import { median, repeat, type Section } from '../measurement.ts';

const LATENCY_MS = 20;
const FEW = 3;
const MANY = 30;

/**
 * Thirty hosts against three. The hosts are SSH servers in this process that answer as hosts do that are what the spec
 * says (roles, databases and Patroni's shared config on the first of them), so that what is measured is pgscale: logins,
 * round trips, comparing. The servers have a thread of their own.
 */
export const scale: Section = {
  name: 'scale',
  title: `A plan without changes, in-process SSH servers with ${LATENCY_MS} ms latency`,
  measure: async ({ runs }) => {
    const few = await planRuns(FEW, runs);
    const many = await planRuns(MANY, runs);
    const baseline = { name: `${FEW} hosts`, runs: few };
    return [
      { name: `${FEW} hosts`, unit: 's', runs: few },
      { name: `${MANY} hosts`, unit: 's', runs: many, target: 3 * median(few), baseline },
    ];
  },
};

async function planRuns(hostCount: number, runs: number): Promise<number[]> {
  await using cluster = await startDesiredCluster(hostCount, { latencyMs: LATENCY_MS, start: startThreadedServers });
  // The first one renders and compiles what the later ones have.
  await plan(cluster);
  return await repeat(runs, () => plan(cluster));
}

async function plan(cluster: DesiredCluster): Promise<void> {
  await using session = await cluster.open();
  const { changeCount } = planFrom(await surveyCluster(session));
  if (changeCount !== 0) throw new Error(`a plan for hosts that are as they should be has ${changeCount} changes`);
}
