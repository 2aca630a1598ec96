import { hostPort } from './address.ts';
import { PATRONI, PKI, POSTGRES } from './layout.ts';
import type { HostSpec, Spec } from './schema.ts';
import { etcdHosts } from './topology.ts';

/** By which every program of a host proves who it is, and knows the others. */
const CREDENTIALS = { ca: PKI.ca, certificate: PKI.certificate, key: PKI.key };

/** Where etcd of a dcs host listens for clients. */
export function etcdClientUrl(spec: Spec, host: HostSpec): string {
  return `https://${hostPort(host.address, spec.dcs.clientPort)}`;
}

/** Where Patroni of a host listens. */
export function patroniUrl(spec: Spec, host: HostSpec): string {
  return `https://${hostPort(host.address, spec.failover.restPort)}`;
}

/** Where Patroni keeps the cluster's keys in etcd, with a slash at the end. */
export function dcsPrefix({ cluster }: Pick<Spec, 'cluster'>): string {
  return `${PATRONI.dcsNamespace}/${cluster}/`;
}

/** How a program of this host comes to etcd. Pure. */
export function etcdAccess(spec: Spec, host: HostSpec): { urls: string[]; prefix: string } & typeof CREDENTIALS {
  return {
    urls: etcdHosts(spec, host).map((each) => etcdClientUrl(spec, each)),
    prefix: dcsPrefix(spec),
    ...CREDENTIALS,
  };
}

/** How a program of this host comes to its Patroni. Pure. */
export function patroniAccess(spec: Spec, host: HostSpec): { url: string } & typeof CREDENTIALS {
  return { url: patroniUrl(spec, host), ...CREDENTIALS };
}

/** How a program of a database host comes to its PostgreSQL: by the socket, as the user that it runs as. Pure. */
export function psqlAccess({ postgres }: Pick<Spec, 'postgres'>): {
  program: string;
  socketDirectory: string;
  port: number;
} {
  return {
    program: `${POSTGRES.binDirectory}/psql`,
    socketDirectory: POSTGRES.socketDirectory,
    port: postgres.port,
  };
}
