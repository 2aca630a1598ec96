import type { Component } from '../component.ts';
import { osResources } from './resources.ts';

/** Settings of the system itself. */
export const os: Component = {
  name: 'os',
  title: 'Operating system',
  runsOn: () => true,
  // nftables cuts a host off in a drill; its service stays as Debian has it, disabled.
  packages: () => [{ name: 'procps' }, { name: 'iproute2' }, { name: 'nftables' }],
  resources: osResources,
};
