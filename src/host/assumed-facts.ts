import type { HostFacts } from './facts.ts';

/** The hardware that sizes are computed from. */
export type Hardware = Pick<HostFacts, 'memoryBytes' | 'diskBytes' | 'cpuCount'>;

/** Facts of a host that is not asked, for `pgscale render`: Debian on amd64 with the given hardware. */
export function assumedFacts(hardware: Hardware): HostFacts {
  return {
    ...hardware,
    osId: 'debian',
    osVersion: '14',
    osCodename: 'forky',
    architecture: 'x86_64',
    kernel: '6.12.0',
    hostname: 'assumed',
    clockSkewMs: 0,
    diskFreeBytes: hardware.diskBytes,
    addresses: [],
    interface: undefined,
    openFilesMax: 1_048_576,
  };
}
