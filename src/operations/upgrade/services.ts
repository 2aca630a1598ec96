import type { Notification } from '../../resources/resource.ts';
import { AGENT, ETCD, HAPROXY, KEEPALIVED, PATRONI, PGBACKREST, PGBOUNCER } from '../../spec/layout.ts';

/** What runs from packages, in the order in which an upgrade restarts it on a host. Each is a component's name. */
export const SERVICES = [
  'etcd',
  'patroni',
  'postgres',
  'pgbackrest',
  'pgbouncer',
  'haproxy',
  'keepalived',
  'agent',
] as const;
export type Service = (typeof SERVICES)[number];

/** The package whose program each service runs. */
export const PROGRAM_PACKAGES: Readonly<Record<Service, string>> = {
  etcd: 'etcd-server',
  patroni: 'patroni',
  postgres: 'postgresql-18',
  pgbackrest: 'pgbackrest',
  pgbouncer: 'pgbouncer',
  haproxy: 'haproxy',
  keepalived: 'keepalived',
  agent: 'nodejs',
};

/**
 * How each comes to run the new program. PostgreSQL goes on while Patroni is replaced, and is restarted by it afterwards; a
 * reload has HAProxy execute the new program, and the old one keeps its sessions.
 */
export const RESTARTS: Readonly<Record<Exclude<Service, 'postgres'>, Notification>> = {
  etcd: { unit: ETCD.unit, how: 'restart' },
  patroni: { unit: PATRONI.unit, how: 'replace' },
  pgbackrest: { unit: PGBACKREST.unit, how: 'restart' },
  pgbouncer: { unit: PGBOUNCER.unit('*'), how: 'restart' },
  haproxy: { unit: HAPROXY.unit, how: 'reload' },
  keepalived: { unit: KEEPALIVED.unit, how: 'restart' },
  agent: { unit: AGENT.guardUnit, how: 'restart' },
};
