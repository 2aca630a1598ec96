import { connectFleet } from '../../src/host/fleet.ts';
import type { ClusterSession } from '../../src/operations/cluster-session.ts';
import { createAuthority } from '../../src/spec/authority.ts';
import { DesiredHost, desiredFacts } from './desired-host.ts';
import { startReaderServer } from './desired-host-server.ts';
import { SECRETS, specOf } from './target.ts';

/** A cluster of hosts that are as they should be, each behind an SSH server in this process. */
export interface DesiredCluster extends AsyncDisposable {
  /** Logs in to all hosts. */
  open(): Promise<ClusterSession>;
}

/** @param latencyMs of the wire to each host, there and back. */
export async function startDesiredCluster(hostCount: number, latencyMs = 0): Promise<DesiredCluster> {
  const spec = specOf(hostCount);
  const secrets = { ...SECRETS, ca: await createAuthority(spec.cluster) };
  const servers = await Promise.all(
    spec.hosts.map(async (host, index) => {
      const facts = desiredFacts(host.name, host.address);
      const desired = await DesiredHost.create({ spec, secrets, host, facts }, index === 0);
      return startReaderServer(desired, latencyMs);
    }),
  );
  return {
    open: async () => {
      const fleet = await connectFleet(servers.map(({ settings }) => settings));
      return {
        spec,
        secrets,
        fleet,
        host: (name) => fleet.hosts.get(name)!,
        [Symbol.asyncDispose]: () => fleet[Symbol.asyncDispose](),
      };
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
    },
  };
}
