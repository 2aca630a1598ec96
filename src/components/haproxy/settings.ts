import { hostPort } from '../../spec/address.ts';
import { HAPROXY, PKI } from '../../spec/layout.ts';
import type { HostSpec, Spec } from '../../spec/schema.ts';
import { endpoint, hostsWithRole } from '../../spec/topology.ts';
import type { Target } from '../component.ts';
import { promotionIntervalMs, PROXY_TIMINGS, type ProxyTimings } from './timings.ts';

/** Connections at once over both endpoints of one proxy; PostgreSQL itself takes far fewer. */
const MAX_CONNECTIONS = 4000;
/** A hold ends by itself; only if it does not, HAProxy ends it so much later. */
const HOLD_SPARE_MS = 1000;
/** Files that HAProxy needs beside its connections: listeners, checks, old workers' sockets. */
const SPARE_FILES = 500;

export interface ProxyMember {
  readonly name: string;
  readonly address: string;
}

/** What templates/haproxy/haproxy.cfg.hbs is filled with. */
export interface ProxySettings {
  readonly maxConnections: number;
  readonly timings: ProxyTimings;
  readonly promotionIntervalMs: number;
  /** The program that holds connections, and for how long HAProxy lets it. */
  readonly awaitMemberFile: string;
  readonly inspectMs: number;
  readonly members: readonly ProxyMember[];
  /** Members that this host's poolers prefer for reading, the best first; none where all are equally far. */
  readonly nearest: readonly string[];
  /** Members of this host's zone, which the endpoint `replica` prefers; none where all are equally far. */
  readonly sameZone: readonly ProxyMember[];
  readonly restPort: number;
  readonly maxLagMb: number;
  /** `replica` is served by the primary when no standby is healthy. */
  readonly fallsBack: boolean;
  readonly primaryBinds: readonly string[];
  readonly replicaBinds: readonly string[];
  /** Whether poolers run on this host, which come in by the doors on 127.0.0.1. */
  readonly hasPooler: boolean;
  readonly ports: typeof HAPROXY.localPorts;
  readonly socket: string;
  readonly statsSocket: string;
  readonly pki: typeof PKI;
}

/** What HAProxy is told on this host. Pure. */
export function proxySettings(target: Target): ProxySettings {
  const { spec, host, facts } = target;
  const timings = PROXY_TIMINGS[spec.failover.profile];
  const fitting = Math.floor((facts.openFilesMax - SPARE_FILES) / 2);
  const replicaBinds = binds(spec, host, 'replica');
  return {
    maxConnections: Math.max(100, Math.min(MAX_CONNECTIONS, fitting)),
    timings,
    promotionIntervalMs: promotionIntervalMs(spec),
    awaitMemberFile: HAPROXY.awaitMemberFile,
    inspectMs: timings.holdMs + HOLD_SPARE_MS,
    members: hostsWithRole(spec, 'database').map((each) => proxyMember(spec, each)),
    nearest: nearest(spec, host),
    sameZone: replicaBinds.length === 0 ? [] : sameZone(spec, host).map((each) => proxyMember(spec, each)),
    restPort: spec.failover.restPort,
    maxLagMb: spec.endpoints.replicaMaxLagMb,
    fallsBack: spec.endpoints.replicaFallsBackToPrimary,
    primaryBinds: binds(spec, host, 'primary'),
    replicaBinds,
    hasPooler: host.roles.includes('database'),
    ports: HAPROXY.localPorts,
    socket: HAPROXY.socket,
    statsSocket: HAPROXY.statsSocket,
    pki: PKI,
  };
}

/** Files that the unit has to be allowed: two per connection, and some to spare. */
export function proxyOpenFiles(settings: ProxySettings): number {
  return settings.maxConnections * 2 + SPARE_FILES;
}

/** A VIP has the port to itself; without one, PostgreSQL on the same host has 5432 and the endpoint another port. */
function binds(spec: Spec, host: HostSpec, name: 'primary' | 'replica'): string[] {
  if (!host.roles.includes('proxy')) return [];
  const { vip, port } = endpoint(spec, name);
  return [hostPort(vip ?? host.address, port)];
}

function proxyMember(spec: Spec, { name, address }: HostSpec): ProxyMember {
  return { name, address: hostPort(address, spec.postgres.port) };
}

/** This host's own member, then those of its zone. */
function nearest(spec: Spec, host: HostSpec): string[] {
  const near = sameZone(spec, host);
  if (!host.roles.includes('database') || near.length === 0) return [];
  return [host, ...near.filter((each) => each.name !== host.name)].map((each) => each.name);
}

/** The members of this host's zone; none when no member, or every one, is in it. */
function sameZone(spec: Spec, host: HostSpec): HostSpec[] {
  const all = hostsWithRole(spec, 'database');
  const near = all.filter((each) => each.zone === host.zone);
  return near.length === all.length ? [] : near;
}
