import type { Target } from '../../src/components/component.ts';
import { assumedFacts } from '../../src/host/assumed-facts.ts';
import type { HostFacts } from '../../src/host/facts.ts';
import { specSchema, type Spec } from '../../src/spec/schema.ts';
import type { Secrets } from '../../src/spec/secrets.ts';
import { resolveHosts } from '../../src/spec/topology.ts';

type SpecSketch = Record<string, unknown>;

/** A spec with `count` hosts pg1… in zones a, b, c…, and whatever else is given. */
export function specOf(count: number, more: SpecSketch = {}): Spec {
  const hosts = Array.from({ length: count }, (_, index) => ({
    name: `pg${index + 1}`,
    address: `10.20.0.${index + 11}`,
    zone: 'abcdefghi'[index],
  }));
  return resolveHosts(
    specSchema.parse({
      cluster: 'orders',
      hosts,
      databases: [{ name: 'app', owner: 'app' }],
      roles: [{ name: 'app' }],
      ...more,
    }),
  );
}

export const VIPS = {
  primary: { vip: '10.20.0.100' },
  replica: { vip: '10.20.0.101' },
  pool: { vip: '10.20.0.102' },
};

/** Secrets that are none. */
export const SECRETS: Secrets = {
  passwords: {
    replication: 'replication-password',
    rewind: 'rewind-password',
    poolerAuth: 'pooler-password',
    patroniRest: 'patroni-rest-password',
    vrrp: 'vrrp-pwd',
  },
  roles: { app: 'app-password' },
  backupCipher: 'backup-cipher-password',
  repository: {},
  ca: { certificate: '', key: '' },
};

/** One host of a spec, as a component sees it. */
export function targetOf(spec: Spec, hostName: string, facts: Partial<HostFacts> = {}): Target {
  const host = spec.hosts.find((each) => each.name === hostName);
  if (host === undefined) throw new Error(`no host ${hostName} in the spec of the test`);
  const assumed = assumedFacts({ memoryBytes: 8 * 2 ** 30, diskBytes: 100 * 2 ** 30, cpuCount: 2 });
  return { spec, host, secrets: SECRETS, facts: { ...assumed, ...facts } };
}
