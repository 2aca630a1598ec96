import { connectFleet } from '../../src/host/fleet.ts';
import type { ClusterSession } from '../../src/operations/cluster-session.ts';
import { createAuthority } from '../../src/spec/authority.ts';
import { startDesiredServers } from './desired-servers.ts';
import { SECRETS, specOf } from './target.ts';

/** A cluster of hosts that are as they should be, each behind an SSH server in this process. */
export interface DesiredCluster extends AsyncDisposable {
  /** Logs in to all hosts. */
  open(): Promise<ClusterSession>;
}

interface DesiredClusterOptions {
  /** Of the wire to each host, there and back. Default 0. */
  latencyMs?: number;
  /** Where the servers run. Default: in this thread. */
  start?: typeof startDesiredServers;
}

export async function startDesiredCluster(
  hostCount: number,
  { latencyMs = 0, start = startDesiredServers }: DesiredClusterOptions = {},
): Promise<DesiredCluster> {
  const spec = specOf(hostCount);
  const secrets = { ...SECRETS, ca: await createAuthority(spec.cluster) };
  const servers = await start({ hostCount, latencyMs, secrets });
  return {
    open: async () => {
      const fleet = await connectFleet(servers.settings);
      return {
        spec,
        secrets,
        fleet,
        host: (name) => fleet.hosts.get(name)!,
        [Symbol.asyncDispose]: () => fleet[Symbol.asyncDispose](),
      };
    },
    [Symbol.asyncDispose]: () => servers[Symbol.asyncDispose](),
  };
}
