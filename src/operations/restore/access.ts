import { isIPv6 } from 'node:net';

import { PKI, POSTGRES } from '../../spec/layout.ts';
import type { Spec } from '../../spec/schema.ts';
import { hostsWithRole } from '../../spec/topology.ts';

const MAP = 'pgscale';

/**
 * pg_hba.conf of a side restore: the cluster's own, and before it the hosts of the cluster as the superuser, known by their
 * certificates: a table that is brought back goes from host to host without a password, which may have changed since. Pure.
 */
export function sideAccess(spec: Spec): string {
  const members = hostsWithRole(spec, 'database').map(({ address }) => `${address}/${isIPv6(address) ? 128 : 32}`);
  const lines = members.map((network) => `hostssl all ${POSTGRES.user} ${network} cert map=${MAP}`);
  return [...lines, `include ${POSTGRES.hbaFile}`, ''].join('\n');
}

/** pg_ident.conf of a side restore: which certificate is the superuser. Pure. */
export function sideIdentities(spec: Spec): string {
  const lines = hostsWithRole(spec, 'database').map(({ name }) => `${MAP} ${name} ${POSTGRES.user}`);
  return [...lines, ''].join('\n');
}

/** How the postgres user of a member connects to a side restore, wherever that is. Pure. */
export function sideConnection({ address, port }: { address: string; port: number }, database: string): string {
  const words = {
    host: address,
    port,
    user: POSTGRES.user,
    dbname: database,
    sslmode: 'verify-full',
    sslrootcert: PKI.ca,
    sslcert: PKI.certificate,
    sslkey: PKI.key,
  };
  // https://www.postgresql.org/docs/18/libpq-connect.html#LIBPQ-CONNSTRING
  const quoted = (value: string | number): string => `'${String(value).replace(/[\\']/gu, '\\$&')}'`;
  return Object.entries(words)
    .map(([name, value]) => `${name}=${quoted(value)}`)
    .join(' ');
}
