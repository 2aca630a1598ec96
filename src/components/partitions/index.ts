import type { Component } from '../component.ts';
import { partitionsResources } from './resources.ts';

/** A timer on every database host that rotates the partitions, where and when the host leads. */
export const partitions: Component = {
  name: 'partitions',
  title: 'rotation of partitions',
  runsOn: (host) => host.roles.includes('database'),
  packages: () => [],
  resources: partitionsResources,
};
