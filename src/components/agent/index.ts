import type { Component } from '../component.ts';
import { hasAgent } from '../../spec/agent.ts';
import { agentResources } from './resources.ts';

/** pgscale's own program on the hosts, and the guard, which ends a primary that nobody looks after any more. */
export const agent: Component = {
  name: 'agent',
  title: 'pgscale agent',
  runsOn: (host) => host.roles.includes('database'),
  packages: ({ spec }) => (hasAgent(spec) ? [{ name: 'nodejs', floor: '20' }] : []),
  resources: agentResources,
};
