import type { Component } from '../component.ts';
import { cdcClusterResources, cdcResources } from './resources.ts';

/** Change data capture: the roles of the consumers, and an agent on every database host that looks after the slots. */
export const cdc: Component = {
  name: 'cdc',
  title: 'change data capture',
  runsOn: (host) => host.roles.includes('database'),
  packages: ({ spec }) =>
    spec.cdc.some(({ plugin }) => plugin === 'wal2json') ? [{ name: 'postgresql-18-wal2json', floor: '2.6' }] : [],
  resources: cdcResources,
  clusterResources: cdcClusterResources,
};
