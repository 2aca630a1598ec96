import type { Target } from '../components/component.ts';
import { PgscaleError, throwRejected } from '../errors/pgscale-error.ts';
import { readFacts } from '../host/facts.ts';
import { connectFleet, connectionSettings, each, type Fleet } from '../host/fleet.ts';
import type { Host } from '../host/host.ts';
import { loadCluster } from '../spec/cluster.ts';
import type { HostSpec, Spec } from '../spec/schema.ts';
import type { Secrets } from '../spec/secrets.ts';
import { dataDirectory, hostsWithRole } from '../spec/topology.ts';

export interface SessionOptions {
  /** Path of pgscale.yaml. */
  specPath: string;
  /** What the spec is about to say, instead of what the file says now. */
  specText?: string;
  /** Record unknown host keys instead of refusing them. */
  acceptNew?: boolean;
  /** Go on with the hosts that answer; the others are in `fleet.failures`. */
  tolerate?: boolean;
  /** For the login to each host; the connection's own default when left out. */
  connectDeadlineMs?: number;
}

/** A cluster with an SSH connection to each of its hosts; disposed of with `await using`. */
export interface ClusterSession extends AsyncDisposable {
  readonly spec: Spec;
  readonly secrets: Secrets;
  readonly fleet: Fleet;
  /** @throws PgscaleError what kept the host from being connected to: PGS_HOST_UNREACHABLE, PGS_HOST_AUTH … */
  host(name: string): Host;
}

/** Reads the spec and its secrets, then connects to every host. @throws PgscaleError for the spec, and for all hosts at once. */
export async function openCluster(options: SessionOptions): Promise<ClusterSession> {
  const { spec, secrets } = await loadCluster(options.specPath, options.specText);
  const { acceptNew = false, tolerate = false, connectDeadlineMs } = options;
  const settings = connectionSettings(spec, { acceptNew }).map((host) => ({
    ...host,
    ...(connectDeadlineMs !== undefined && { connectDeadlineMs }),
  }));
  const fleet = await connectFleet(settings, { tolerate });
  return {
    spec,
    secrets,
    fleet,
    host: (name) => {
      const found = fleet.hosts.get(name);
      if (found !== undefined) return found;
      const failure = fleet.failures.find(({ host }) => host === name);
      throw failure ?? new PgscaleError('PGS_HOST_UNREACHABLE', { what: `host ${name} is not connected`, host: name });
    },
    [Symbol.asyncDispose]: () => fleet[Symbol.asyncDispose](),
  };
}

/**
 * These hosts, which a command cannot do without. @throws PgscaleErrors what went wrong on each of them that is not there.
 */
export async function requiredHosts(
  session: Pick<ClusterSession, 'host'>,
  hosts: readonly Pick<HostSpec, 'name'>[],
): Promise<Host[]> {
  return each(hosts, async ({ name }) => session.host(name));
}

/** The database hosts that answer, in the order of the spec. */
export function connectedDatabaseHosts({ spec, fleet }: Pick<ClusterSession, 'spec' | 'fleet'>): Host[] {
  return hostsWithRole(spec, 'database').flatMap(({ name }) => fleet.hosts.get(name) ?? []);
}

/** Looks at each connected host and gives what the components need to know of it. One round trip a host. */
export async function readTargets(session: ClusterSession): Promise<Target[]> {
  const connected = session.spec.hosts.filter((host) => session.fleet.hosts.has(host.name));
  const outcomes = await Promise.allSettled(connected.map((host) => readTarget(session, host)));
  throwRejected(outcomes);
  return outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
}

/** One host as a target. @throws PgscaleError PGS_HOST_SUDO, PGS_REMOTE_ANSWER */
export async function readTarget(session: ClusterSession, host: HostSpec): Promise<Target> {
  const { spec, secrets } = session;
  return { spec, secrets, host, facts: await readFacts(session.host(host.name), host.address, dataDirectory(spec)) };
}
