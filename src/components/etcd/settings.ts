import { hostPort } from '../../spec/address.ts';
import { ETCD, PKI } from '../../spec/layout.ts';
import type { HostSpec, Spec } from '../../spec/schema.ts';
import { etcdClientUrl } from '../../spec/services.ts';
import { hostsWithRole } from '../../spec/topology.ts';
import type { Target } from '../component.ts';
import { ETCD_TIMINGS, type EtcdTimings } from './timings.ts';

/** What templates/etcd/etcd.yml.hbs is filled with. */
export interface EtcdSettings {
  readonly name: string;
  readonly token: string;
  readonly dataDirectory: string;
  readonly listenClientUrls: string;
  readonly clientUrl: string;
  readonly peerUrl: string;
  /** `pg1=https://10.0.0.11:2380,…`; etcd looks at it only when it has no data yet. */
  readonly initialCluster: string;
  readonly initialState: 'new' | 'existing';
  readonly timings: EtcdTimings;
  readonly pki: typeof PKI;
}

/**
 * What etcd is told on this host. Pure.
 * @param joins The members of an etcd that is there already, as `initialCluster` has them.
 */
export function etcdSettings({ spec, host }: Target, joins?: string): EtcdSettings {
  const clientUrl = etcdClientUrl(spec, host);
  return {
    name: host.name,
    token: spec.cluster,
    dataDirectory: ETCD.dataDirectory,
    listenClientUrls: `${clientUrl},https://127.0.0.1:${spec.dcs.clientPort}`,
    clientUrl,
    peerUrl: peerUrl(spec, host),
    initialCluster:
      joins ??
      hostsWithRole(spec, 'dcs')
        .map((each) => `${each.name}=${peerUrl(spec, each)}`)
        .join(','),
    initialState: joins === undefined ? 'new' : 'existing',
    timings: ETCD_TIMINGS[spec.failover.profile],
    pki: PKI,
  };
}

/** Where the other members reach the one of a dcs host. */
export function peerUrl(spec: Spec, host: HostSpec): string {
  return `https://${hostPort(host.address, spec.dcs.peerPort)}`;
}
