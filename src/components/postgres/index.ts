import type { Component } from '../component.ts';
import { postgresClusterResources } from './cluster-resources.ts';
import { postgresResources } from './resources.ts';

/** PostgreSQL's packages and files. Patroni starts it, so there is no service here. */
export const postgres: Component = {
  name: 'postgres',
  title: 'PostgreSQL',
  runsOn: (host) => host.roles.includes('database'),
  packages: ({ spec }) => [
    // The list of output plugins, without which wal2json is refused, is a parameter that older ones do not start with.
    { name: 'postgresql-18', floor: spec.cdc.some(({ plugin }) => plugin === 'wal2json') ? '18.6' : '18' },
    { name: 'postgresql-client-18', floor: '18' },
  ],
  resources: postgresResources,
  clusterResources: postgresClusterResources,
};
