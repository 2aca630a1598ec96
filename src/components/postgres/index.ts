import type { Component } from '../component.ts';
import { postgresClusterResources } from './cluster-resources.ts';
import { postgresResources } from './resources.ts';

/** PostgreSQL's packages and files. Patroni starts it, so there is no service here. */
export const postgres: Component = {
  name: 'postgres',
  title: 'PostgreSQL',
  runsOn: (host) => host.roles.includes('database'),
  packages: () => [
    { name: 'postgresql-18', floor: '18' },
    { name: 'postgresql-client-18', floor: '18' },
  ],
  resources: postgresResources,
  clusterResources: postgresClusterResources,
};
