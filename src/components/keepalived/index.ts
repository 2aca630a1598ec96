import type { Component } from '../component.ts';
import { keepalivedResources } from './resources.ts';
import { keepalivedSettings } from './settings.ts';

/** The floating addresses (VIPs) of the endpoints, for those that have one in the spec. */
export const keepalived: Component = {
  name: 'keepalived',
  title: 'keepalived',
  runsOn: (host) => host.roles.includes('proxy') || host.roles.includes('database'),
  packages: (target) => (keepalivedSettings(target) === undefined ? [] : [{ name: 'keepalived', floor: '2.2' }]),
  resources: keepalivedResources,
  // Whoever hears nothing takes the addresses from who has them.
  rollout: 'newcomers-last',
};
