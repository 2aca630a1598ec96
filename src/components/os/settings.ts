import { isIPv6 } from 'node:net';

import { roundedMemoryMb, sharedBuffersMb } from '../../spec/memory.ts';
import type { HostSpec, Spec } from '../../spec/schema.ts';
import { endpoint } from '../../spec/topology.ts';
import type { Target } from '../component.ts';
import { KERNEL_TIMINGS, type KernelTimings } from './timings.ts';

const MB = 1024 ** 2;
/** Below this the page table of shared_buffers is too small to matter. */
const HUGE_PAGES_FROM_MB = 8 * 1024;
const HUGE_PAGE_MB = 2;

/** Kernel settings of a host, for /etc/sysctl.d. docs/decisions/kernel-settings.md has the reasons. */
export function kernelSettings(target: Target): Record<string, string | number> {
  const { spec, host } = target;
  return {
    ...(spec.os.tune ? tuning(target) : {}),
    ...vipSettings(spec, host),
  };
}

/** keepalived moves a VIP in an instant because HAProxy and PgBouncer are bound to it already, also where it is not yet. */
function vipSettings(spec: Spec, host: HostSpec): Record<string, number> {
  const vips = (['primary', 'replica', 'pool'] as const)
    .filter((name) => host.roles.includes(name === 'pool' ? 'database' : 'proxy'))
    .flatMap((name) => endpoint(spec, name).vip ?? []);
  return {
    ...(vips.some((vip) => !isIPv6(vip)) ? { 'net.ipv4.ip_nonlocal_bind': 1 } : {}),
    ...(vips.some((vip) => isIPv6(vip)) ? { 'net.ipv6.ip_nonlocal_bind': 1 } : {}),
  };
}

function tuning({ spec, host, facts }: Target): Record<string, string | number> {
  const timings = KERNEL_TIMINGS[spec.failover.profile];
  const memoryMb = roundedMemoryMb(facts.memoryBytes);
  return {
    'net.core.somaxconn': 16_384,
    'net.ipv4.tcp_max_syn_backlog': 16_384,
    'net.ipv4.ip_local_port_range': '20000 60999',
    'net.ipv4.tcp_keepalive_time': timings.keepaliveIdleSeconds,
    'net.ipv4.tcp_keepalive_intvl': timings.keepaliveIntervalSeconds,
    'net.ipv4.tcp_keepalive_probes': timings.keepaliveCount,
    'net.ipv4.tcp_slow_start_after_idle': 0,
    ...neighbourSettings({ address: host.address, interfaceName: facts.interface }, timings),
    'fs.nr_open': 1_048_576,
    ...(host.roles.includes('database') ? databaseTuning(memoryMb) : {}),
  };
}

/**
 * A connection to a neighbour whose machine is off is refused after three questions that nobody answers, as long as the kernel does
 * not trust in what it knew; else it hangs until its own timeout. Of the interface that has the host's address; its name may
 * have dots, therefore the slashes: https://manpages.debian.org/trixie/procps/sysctl.conf.5
 */
function neighbourSettings(
  { address, interfaceName }: { address: string; interfaceName: string | undefined },
  { neighbourReachableMs, neighbourRetransmitMs }: KernelTimings,
): Record<string, number> {
  if (interfaceName === undefined) return {};
  const neighbours = `net/${isIPv6(address) ? 'ipv6' : 'ipv4'}/neigh/${interfaceName}`;
  return {
    [`${neighbours}/base_reachable_time_ms`]: neighbourReachableMs,
    [`${neighbours}/delay_first_probe_time`]: 1,
    [`${neighbours}/retrans_time_ms`]: neighbourRetransmitMs,
  };
}

/** Writes go out early and in small portions, so that a checkpoint does not stall everybody at its fsync. */
function databaseTuning(memoryMb: number): Record<string, number> {
  return {
    'vm.swappiness': 1,
    'vm.dirty_background_bytes': Math.min(256, Math.floor(memoryMb / 16)) * MB,
    'vm.dirty_bytes': Math.min(1024, Math.floor(memoryMb / 4)) * MB,
    'kernel.numa_balancing': 0,
  };
}

/**
 * How many huge pages of 2 MB to set aside for shared_buffers and what else PostgreSQL shares (3 % and 256 MB on top); 0
 * where they do not pay. PostgreSQL goes on without them when there are too few (huge_pages = try).
 */
export function hugePages({ spec, host, facts }: Target): number {
  const isWanted = spec.os.tune && host.roles.includes('database') && facts.architecture === 'x86_64';
  const buffersMb = sharedBuffersMb(spec, facts.memoryBytes);
  if (!isWanted || buffersMb < HUGE_PAGES_FROM_MB) return 0;
  return Math.ceil((buffersMb * 1.03 + 256) / HUGE_PAGE_MB);
}
