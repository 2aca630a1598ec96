import type { ConnectionSettings } from '../../src/host/connection-settings.ts';
import type { Secrets } from '../../src/spec/secrets.ts';
import { DesiredHost, desiredFacts } from './desired-host.ts';
import { startReaderServer } from './desired-host-server.ts';
import { specOf } from './target.ts';

export interface DesiredServersOptions {
  readonly hostCount: number;
  /** Of the wire to each host, there and back. */
  readonly latencyMs: number;
  readonly secrets: Secrets;
}

/** SSH servers that answer as hosts do that are as they should be. */
export interface DesiredServers extends AsyncDisposable {
  readonly settings: readonly ConnectionSettings[];
}

export async function startDesiredServers(options: DesiredServersOptions): Promise<DesiredServers> {
  const { hostCount, latencyMs, secrets } = options;
  const spec = specOf(hostCount);
  const servers = await Promise.all(
    spec.hosts.map(async (host, index) => {
      const facts = desiredFacts(host.name, host.address);
      const desired = await DesiredHost.create({ spec, secrets, host, facts }, index === 0);
      return startReaderServer(desired, latencyMs);
    }),
  );
  return {
    settings: servers.map(({ settings }) => settings),
    [Symbol.asyncDispose]: async () => {
      await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
    },
  };
}
