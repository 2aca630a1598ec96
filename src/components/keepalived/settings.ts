import { createHash } from 'node:crypto';

import { componentDirectory, HAPROXY, PGBOUNCER } from '../../spec/layout.ts';
import type { HostSpec, Spec } from '../../spec/schema.ts';
import { endpoint, hostsWithRole, type EndpointName } from '../../spec/topology.ts';
import type { Target } from '../component.ts';

const NAMES: readonly EndpointName[] = ['primary', 'replica', 'pool'];
/** 1…255 are allowed (RFC 5798, 5.2.3); three from one base must fit. */
const ROUTER_ID_BASES = 253;

const SCRIPTS = {
  proxy: { name: 'haproxy_alive', unit: HAPROXY.unit },
  database: { name: 'pgbouncer_alive', unit: PGBOUNCER.unit(1) },
} as const;

/** One floating address on one host, as templates/keepalived/keepalived.conf.hbs wants it. */
export interface FloatingAddress {
  readonly name: string;
  readonly vip: string;
  readonly prefix: number;
  readonly routerId: number;
  readonly priority: number;
  readonly peers: readonly string[];
  /** The script that must succeed, or this host does not hold the address. */
  readonly script: string;
  /** VRRP version 3, which has no password, for IPv6. */
  readonly isIpv6: boolean;
}

/** Looks whether one unit is active. */
export interface AliveScript {
  readonly name: string;
  readonly unit: string;
}

export interface KeepalivedSettings {
  readonly host: string;
  readonly address: string;
  readonly interface: string;
  readonly password: string;
  readonly scripts: readonly AliveScript[];
  readonly addresses: readonly FloatingAddress[];
  /** Other hosts that are always asked by HAProxy, too: a host that reaches none of them is cut off. */
  readonly others: readonly { readonly address: string; readonly port: number }[];
  readonly reachScript: string;
}

/** Succeeds when any other host of the cluster can be reached. */
export const REACH_SCRIPT = `${componentDirectory('keepalived')}/reaches-others.sh`;

/** What keepalived is told on this host, or undefined when it may hold no address. Pure. */
export function keepalivedSettings(target: Target): KeepalivedSettings | undefined {
  const { spec, host, facts, secrets } = target;
  const addresses = floatingAddresses(spec, host);
  if (addresses.length === 0) return undefined;
  return {
    host: host.name,
    address: host.address,
    interface: facts.interface ?? 'eth0',
    password: secrets.passwords.vrrp,
    scripts: Object.values(SCRIPTS).filter(({ name }) => addresses.some((each) => each.script === name)),
    addresses,
    others: hostsWithRole(spec, 'database')
      .filter(({ name }) => name !== host.name)
      .map(({ address }) => ({ address, port: spec.failover.restPort })),
    reachScript: REACH_SCRIPT,
  };
}

/** The addresses that this host may hold. */
export function floatingAddresses(spec: Spec, host: HostSpec): FloatingAddress[] {
  const base = 1 + (createHash('sha256').update(spec.cluster).digest().readUInt32BE() % ROUTER_ID_BASES);
  return NAMES.flatMap((name, index) => {
    const { vip } = endpoint(spec, name);
    const holders = hostsWithRole(spec, roleOf(name));
    const rank = holders.findIndex((each) => each.name === host.name);
    if (vip === undefined || rank < 0) return [];
    return {
      name,
      vip,
      prefix: vip.includes(':') ? 128 : 32,
      routerId: base + index,
      // The first address prefers the first host, the second the second. It decides who takes over, so that the
      // addresses of a lost host are spread; nobody takes an address from a host that serves it (nopreempt).
      priority: 200 - 10 * ((rank - index + holders.length * NAMES.length) % holders.length),
      peers: holders.filter((each) => each.name !== host.name).map((each) => each.address),
      script: SCRIPTS[roleOf(name)].name,
      isIpv6: vip.includes(':'),
    };
  });
}

function roleOf(name: EndpointName): 'database' | 'proxy' {
  return name === 'pool' ? 'database' : 'proxy';
}
