import { createHash } from 'node:crypto';

import { HAPROXY, PGBOUNCER } from '../../spec/layout.ts';
import type { HostSpec, Spec } from '../../spec/schema.ts';
import { endpoint, type EndpointName } from '../../spec/topology.ts';
import type { Target } from '../component.ts';

const NAMES: readonly EndpointName[] = ['primary', 'replica', 'pool'];
/** 1…255 are allowed (RFC 5798, 5.2.3); three from one base must fit. */
const ROUTER_ID_BASES = 253;
/** RFC 2338 knows passwords of eight characters at most. */
const PASSWORD_LENGTH = 8;

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
  /** Names of the scripts that must all succeed, or this host does not hold the address. */
  readonly scripts: readonly string[];
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
}

/** What keepalived is told on this host, or undefined when it may hold no address. Pure. */
export function keepalivedSettings(target: Target): KeepalivedSettings | undefined {
  const { spec, host, facts, secrets } = target;
  const addresses = floatingAddresses(spec, host);
  if (addresses.length === 0) return undefined;
  return {
    host: host.name,
    address: host.address,
    interface: facts.interface ?? 'eth0',
    password: secrets.passwords.vrrp.slice(0, PASSWORD_LENGTH),
    scripts: Object.values(SCRIPTS).filter(({ name }) => addresses.some((each) => each.scripts.includes(name))),
    addresses,
  };
}

/** The addresses that this host may hold. Two endpoints with one VIP move together. */
export function floatingAddresses(spec: Spec, host: HostSpec): FloatingAddress[] {
  const base = 1 + (createHash('sha256').update(spec.cluster).digest().readUInt32BE() % ROUTER_ID_BASES);
  const vips = [...new Set(NAMES.flatMap((name) => endpoint(spec, name).vip ?? []))];
  return vips.flatMap((vip, index) => {
    const names = NAMES.filter((name) => endpoint(spec, name).vip === vip);
    const holders = spec.hosts.filter((each) => names.every((name) => each.roles.includes(roleOf(name))));
    const rank = holders.findIndex((each) => each.name === host.name);
    if (rank < 0) return [];
    return {
      name: names.join('_'),
      vip,
      prefix: vip.includes(':') ? 128 : 32,
      routerId: base + index,
      // The first address prefers the first host, the second the second, so that the load is spread.
      priority: 200 - 10 * ((rank - index + holders.length * vips.length) % holders.length),
      peers: holders.filter((each) => each.name !== host.name).map((each) => each.address),
      scripts: [...new Set(names.map((name) => SCRIPTS[roleOf(name)].name))],
      isIpv6: vip.includes(':'),
    };
  });
}

function roleOf(name: EndpointName): 'database' | 'proxy' {
  return name === 'pool' ? 'database' : 'proxy';
}
