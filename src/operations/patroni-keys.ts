import { etcdctl } from '../components/etcd/client.ts';
import { PgscaleError } from '../errors/pgscale-error.ts';
import { dcsPrefix } from '../spec/services.ts';
import { hostsWithRole } from '../spec/topology.ts';
import type { ClusterSession } from './cluster-session.ts';

/**
 * Deletes keys of Patroni in etcd (`members/pg4`), by the first dcs host that can; one that is not there is no failure.
 * @throws PgscaleError PGS_QUORUM when none can
 */
export async function deletePatroniKeys({ spec, fleet }: ClusterSession, keys: readonly string[]): Promise<void> {
  const problems: string[] = [];
  for (const dcs of hostsWithRole(spec, 'dcs')) {
    const deletions = keys.map((key) => etcdctl(spec, dcs, 'del', `${dcsPrefix(spec)}${key}`).script);
    const answer = await fleet.hosts.get(dcs.name)?.run({ script: deletions.join(' && ') }, { okStatuses: 'any' });
    if (answer?.exitCode === 0) return;
    problems.push(`${dcs.name}: ${answer?.stderr ?? 'not reachable'}`);
  }
  throw new PgscaleError('PGS_QUORUM', { what: 'no etcd answers that could forget', why: problems.join('\n') });
}
