import type { Component } from '../component.ts';
import { osResources } from './resources.ts';

/** Settings of the system itself. */
export const os: Component = {
  name: 'os',
  title: 'Operating system',
  runsOn: () => true,
  packages: () => [{ name: 'procps' }, { name: 'iproute2' }],
  resources: osResources,
};
