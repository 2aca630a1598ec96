import type { Component } from '../component.ts';
import { poolerLookup } from './lookup.ts';
import { pgbouncerResources } from './resources.ts';

/** The `pool` endpoint: several PgBouncer processes on every database host, all on one port. */
export const pgbouncer: Component = {
  name: 'pgbouncer',
  title: 'PgBouncer',
  runsOn: (host) => host.roles.includes('database'),
  // 1.26.1 closes CVE-2026-107350: any SCRAM user could log in as another one.
  packages: () => [{ name: 'pgbouncer', floor: '1.26.1' }],
  resources: pgbouncerResources,
  clusterResources: ({ spec }) => [poolerLookup(spec.postgres.port)],
};
