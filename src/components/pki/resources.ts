import { certificate, type CertificateDefinition } from '../../resources/certificate.ts';
import { directory } from '../../resources/directory.ts';
import { group } from '../../resources/group.ts';
import type { Notification, Resource } from '../../resources/resource.ts';
import { componentDirectory, HAPROXY, PATRONI, PKI } from '../../spec/layout.ts';
import type { HostSpec } from '../../spec/schema.ts';
import { certificateNames } from '../../spec/topology.ts';
import type { Target } from '../component.ts';

/** systemctl takes a pattern for the units that run. */
const ALL_POOLERS = 'pgscale-pgbouncer@*.service';

/** The host's certificate, which every service on it uses for both ends of a connection. */
export function pkiResources({ spec, host, secrets }: Target): Resource[] {
  return [
    group(PKI.group),
    directory({ path: componentDirectory('pki') }),
    certificate(hostCertificate({ spec, host, secrets })),
  ];
}

/** The certificate that a host should have. Pure. */
export function hostCertificate({ spec, host, secrets }: Omit<Target, 'facts'>): CertificateDefinition {
  return {
    files: PKI,
    commonName: host.name,
    names: certificateNames(spec, host),
    authority: secrets.ca,
    group: PKI.group,
    notifies: certificateReaders(host),
  };
}

/** Who has to read a new certificate. etcd reads it at every handshake: https://etcd.io/docs/v3.5/op-guide/security/ */
export function certificateReaders(host: HostSpec): Notification[] {
  const isDatabase = host.roles.includes('database');
  const isProxy = isDatabase || host.roles.includes('proxy');
  const units = [...(isDatabase ? [PATRONI.unit, ALL_POOLERS] : []), ...(isProxy ? [HAPROXY.unit] : [])];
  return units.map((unit) => ({ unit, how: 'reload' }));
}
