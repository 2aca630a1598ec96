import { hasProxy } from '../../spec/topology.ts';
import type { Component } from '../component.ts';
import { haproxyReady } from './ready.ts';
import { haproxyResources } from './resources.ts';

/**
 * The `primary` and `replica` endpoints on proxy hosts. Database hosts have it too, as the way from their own poolers to
 * whoever is the primary, so that a pooler depends on no other host.
 */
export const haproxy: Component = {
  name: 'haproxy',
  title: 'HAProxy',
  runsOn: hasProxy,
  packages: () => [
    { name: 'haproxy', floor: '3.0' },
    // its statistics and its runtime API
    { name: 'curl' },
  ],
  resources: haproxyResources,
  ready: haproxyReady,
};
