import { PgscaleError } from '../../src/errors/pgscale-error.ts';
import type { Fleet } from '../../src/host/fleet.ts';
import type { ClusterSession } from '../../src/operations/cluster-session.ts';
import type { Spec } from '../../src/spec/schema.ts';
import type { FakeHost } from './fake-host.ts';
import { SECRETS } from './target.ts';

/** A session with hosts of paper; the hosts of the spec that are not given cannot be reached. */
export function paperSession(spec: Spec, hosts: readonly FakeHost[]): ClusterSession {
  const there = new Map(hosts.map((host) => [host.name, host]));
  const failures = spec.hosts
    .filter(({ name }) => !there.has(name))
    .map(({ name }) => new PgscaleError('PGS_HOST_UNREACHABLE', { what: `${name}: no route`, host: name }));
  return {
    spec,
    secrets: SECRETS,
    fleet: { hosts: there, failures, [Symbol.asyncDispose]: async () => undefined } as unknown as Fleet,
    host: (name) => {
      const host = there.get(name);
      if (host === undefined) throw failures.find((each) => each.host === name) ?? new Error(`no host ${name}`);
      return host;
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
}
