import type { Component } from '../component.ts';
import { agentResources } from './resources.ts';

/**
 * pgscale's own program on the hosts: the guard, which ends a primary that nobody looks after any more, and the valve of the
 * poolers.
 */
export const agent: Component = {
  name: 'agent',
  title: 'pgscale agent',
  runsOn: (host) => host.roles.includes('database'),
  packages: () => [{ name: 'nodejs', floor: '20' }],
  resources: agentResources,
};
