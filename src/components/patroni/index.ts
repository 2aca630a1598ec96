import type { Component } from '../component.ts';
import { patroniResources } from './resources.ts';
import { sharedConfigResource } from './shared-config-resource.ts';

/** Patroni runs PostgreSQL, and decides with the other members by way of etcd who is the primary. */
export const patroni: Component = {
  name: 'patroni',
  title: 'Patroni',
  runsOn: (host) => host.roles.includes('database'),
  packages: () => [
    { name: 'patroni', floor: '4.1.4' },
    // Debian's package depends on the client for Consul only.
    { name: 'python3-etcd' },
    { name: 'python3-psycopg2' },
    // patronictl and our own look at the REST API
    { name: 'curl' },
  ],
  resources: patroniResources,
  clusterResources: (target) => [sharedConfigResource(target)],
  rollout: 'serial',
};
