import { OWN_ROLES, POSTGRES } from '../../spec/layout.ts';
import { cdcDatabase, cdcRole } from '../../spec/cdc.ts';
import type { Spec } from '../../spec/schema.ts';
import { hostsWithRole } from '../../spec/topology.ts';

/** One line of pg_hba.conf, or a comment above some. */
type Line = string;

const METHOD = 'scram-sha-256';

/**
 * Who may come in, line by line; the first that fits decides, so the order is the rule.
 * https://www.postgresql.org/docs/18/auth-pg-hba-conf.html
 *
 * The superuser and pgscale's own roles come from the hosts of the cluster or not at all, whatever the spec adds. The line
 * for 127.0.0.1 is for Patroni: without it, it cannot read its own timeline, and a former primary that went another
 * way never rewinds.
 */
export function accessLines(spec: Spec): Line[] {
  const members = hostsWithRole(spec, 'database').map(({ address }) => network(address));
  // A pooler without HAProxy on its own host comes by way of a proxy host.
  const proxies = hostsWithRole(spec, 'proxy').map(({ address }) => network(address));
  const loopback = ['127.0.0.1/32', '::1/128'];
  return [
    '# On the host itself, over the socket',
    line('local', 'all', POSTGRES.user, 'peer'),
    line('local', 'replication', POSTGRES.user, 'peer'),
    line('local', 'all', 'all', METHOD),
    '# The members of the cluster among themselves, and their poolers',
    ...[...loopback, ...members].map((address) =>
      line('hostssl', 'replication,postgres', OWN_ROLES.replication, address, METHOD),
    ),
    ...members.map((address) => line('hostssl', 'postgres', OWN_ROLES.rewind, address, METHOD)),
    ...[...new Set([...loopback, ...members, ...proxies])].map((address) =>
      line('hostssl', 'all', OWN_ROLES.poolerAuth, address, METHOD),
    ),
    line('host', 'all', [POSTGRES.user, ...Object.values(OWN_ROLES)].join(','), 'all', 'reject'),
    line('host', 'replication', [POSTGRES.user, ...Object.values(OWN_ROLES)].join(','), 'all', 'reject'),
    ...consumerLines(spec),
    ...(spec.postgres.hba.length === 0 ? [] : ['# From the spec', ...spec.postgres.hba]),
    '# Everybody else: TLS and a password',
    line('hostssl', 'all', 'all', 'all', METHOD),
    line('hostnossl', 'all', 'all', 'all', 'reject'),
  ];
}

/** The attribute REPLICATION would let a consumer copy the whole cluster; it gets into its own database and no further. */
function consumerLines(spec: Spec): Line[] {
  if (spec.cdc.length === 0) return [];
  const roles = spec.cdc.map(cdcRole).join(',');
  return [
    '# Consumers of change data capture: their own database, no physical replication',
    ...spec.cdc.map((stream) =>
      line('hostssl', cdcDatabase(stream, spec.databases) ?? '', cdcRole(stream), 'all', METHOD),
    ),
    line('host', 'all', roles, 'all', 'reject'),
    line('host', 'replication', roles, 'all', 'reject'),
  ];
}

function network(address: string): string {
  return address.includes(':') ? `${address}/128` : `${address}/32`;
}

function line(type: string, database: string, ...rest: string[]): Line {
  return [type.padEnd(9), database.padEnd(20), ...rest].join(' ').replace(/ +$/u, '');
}
