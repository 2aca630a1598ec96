import pMap from 'p-map';

import { normalise } from '../errors/normalise.ts';
import { throwAll, type PgscaleError } from '../errors/pgscale-error.ts';
import type { Spec } from '../spec/schema.ts';
import type { ConnectionSettings } from './connection-settings.ts';
import { JumpHosts } from './jump-hosts.ts';
import { SshHost } from './ssh-host.ts';

const PARALLEL_LOGINS = 32;

/** The hosts of a cluster, each with its connection; disposed of with `await using`. */
export interface Fleet extends AsyncDisposable {
  /** By name, in the order of the settings; only those that answered. */
  readonly hosts: ReadonlyMap<string, SshHost>;
  /** Why the others are missing; empty unless failures are tolerated. */
  readonly failures: readonly PgscaleError[];
}

/** How the spec says to log in to each of its hosts. */
export function connectionSettings(spec: Spec, options: { acceptNew?: boolean } = {}): ConnectionSettings[] {
  const { user, port, identityFile, knownHosts, proxyJump } = spec.ssh;
  return spec.hosts.map((host) => ({
    name: host.name,
    address: host.sshAddress,
    port,
    user,
    identityFile,
    knownHosts,
    proxyJump,
    acceptNew: options.acceptNew ?? false,
  }));
}

/**
 * Logs in to all hosts at once. With `tolerate`, goes on without those that do not answer.
 * @throws PgscaleErrors what went wrong on every host, unless tolerated.
 */
export async function connectFleet(
  settings: readonly ConnectionSettings[],
  options: { tolerate?: boolean } = {},
): Promise<Fleet> {
  const jumps = new JumpHosts();
  const hosts = new Map<string, SshHost>();
  const { values, failures } = await collect(settings, (each) => SshHost.connect(each, jumps));
  for (const host of values) hosts.set(host.name, host);
  const close = async (): Promise<void> => {
    await Promise.all(values.map((host) => host.close()));
    jumps.close();
  };
  if (options.tolerate !== true && failures.length > 0) {
    await close();
    throwAll(failures);
  }
  return { hosts, failures, [Symbol.asyncDispose]: close };
}

/**
 * Does the same on each host, side by side, and waits for all of them.
 * @throws PgscaleErrors what went wrong on every host.
 */
export async function each<H, T>(hosts: Iterable<H>, work: (host: H) => Promise<T>): Promise<T[]> {
  const { values, failures } = await collect([...hosts], work);
  throwAll(failures);
  return values;
}

async function collect<In, Out>(
  items: readonly In[],
  work: (item: In) => Promise<Out>,
): Promise<{ values: Out[]; failures: PgscaleError[] }> {
  const values: Out[] = [];
  const failures: PgscaleError[] = [];
  const outcomes = await pMap(items, async (item) => work(item).then(succeeded, failed), {
    concurrency: PARALLEL_LOGINS,
  });
  for (const outcome of outcomes) {
    if ('error' in outcome) failures.push(...normalise(outcome.error, ''));
    else values.push(outcome.value);
  }
  return { values, failures };
}

const succeeded = <T>(value: T): { value: T } => ({ value });
const failed = (error: unknown): { error: unknown } => ({ error });
