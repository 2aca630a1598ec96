import type { Resource } from '../resources/resource.ts';
import { agent } from './agent/index.ts';
import { cdc } from './cdc/index.ts';
import { etcd } from './etcd/index.ts';
import { haproxy } from './haproxy/index.ts';
import { keepalived } from './keepalived/index.ts';
import { os } from './os/index.ts';
import { partitions } from './partitions/index.ts';
import { patroni } from './patroni/index.ts';
import { pgbouncer } from './pgbouncer/index.ts';
import { pgbackrest } from './pgbackrest/index.ts';
import { pki } from './pki/index.ts';
import { postgres } from './postgres/index.ts';
import type { Component, PackageNeed, Target } from './component.ts';

/** Every component, in the order in which a host gets them. A new one is one line here. */
export const COMPONENTS: readonly Component[] = [
  os,
  pki,
  etcd,
  postgres,
  patroni,
  agent,
  cdc,
  partitions,
  pgbackrest,
  pgbouncer,
  haproxy,
  keepalived,
];

/** What one component wants on one host. */
export interface Layer {
  readonly component: Component;
  readonly resources: readonly Resource[];
}

/** What a host should have, component by component, in order. Pure. */
export function layers(target: Target): Layer[] {
  return COMPONENTS.filter((component) => component.runsOn(target.host)).map((component) => ({
    component,
    resources: component.resources(target),
  }));
}

/** The Debian packages that a host needs, without repeats; of two floors for one package the first is kept. */
export function packageNeeds(target: Target): PackageNeed[] {
  const needs = COMPONENTS.filter((each) => each.runsOn(target.host)).flatMap((each) => each.packages(target));
  return [...new Map(needs.toReversed().map((need) => [need.name, need])).values()].toReversed();
}

/** What the cluster as a whole should have, read and applied on the primary's host. Pure. */
export function clusterResources(target: Target): Resource[] {
  return COMPONENTS.flatMap((each) => each.clusterResources?.(target) ?? []);
}
