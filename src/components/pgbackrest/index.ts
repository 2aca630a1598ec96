import type { Component } from '../component.ts';
import { PGBACKREST_PACKAGE } from './package.ts';
import { pgbackrestResources } from './resources.ts';

/** WAL and backups into the repository, from any database host; only where the spec has `backup`. */
export const pgbackrest: Component = {
  name: 'pgbackrest',
  title: 'pgBackRest',
  runsOn: (host) => host.roles.includes('database'),
  packages: ({ spec }) => (spec.backup === undefined ? [] : [PGBACKREST_PACKAGE]),
  resources: pgbackrestResources,
};
