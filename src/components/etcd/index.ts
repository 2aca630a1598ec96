import type { Component } from '../component.ts';
import { etcdReady } from './ready.ts';
import { etcdResources } from './resources.ts';

/** etcd on the dcs hosts: Patroni keeps there who leads. */
export const etcd: Component = {
  name: 'etcd',
  title: 'etcd',
  runsOn: (host) => host.roles.includes('dcs'),
  packages: () => [
    { name: 'etcd-server', floor: '3.5' },
    { name: 'etcd-client', floor: '3.5' },
    // our own look at its health
    { name: 'curl' },
  ],
  resources: etcdResources,
  rollout: 'serial',
  ready: etcdReady,
};
