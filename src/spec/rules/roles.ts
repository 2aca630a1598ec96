import { nearest } from '../nearest.ts';
import type { Spec } from '../schema.ts';
import { type Finding, repeated, type Rule } from './rule.ts';

/** https://www.postgresql.org/docs/18/predefined-roles.html, those that a superuser may grant. */
const PREDEFINED_ROLES = [
  'pg_checkpoint',
  'pg_create_subscription',
  'pg_maintain',
  'pg_monitor',
  'pg_read_all_data',
  'pg_read_all_settings',
  'pg_read_all_stats',
  'pg_signal_autovacuum_worker',
  'pg_signal_backend',
  'pg_stat_scan_tables',
  'pg_use_reserved_connections',
  'pg_write_all_data',
];

/** Names that PostgreSQL, PgBouncer's console or pgscale itself has taken. */
const RESERVED_DATABASES = ['postgres', 'template0', 'template1', 'pgbouncer'];

/** Names of databases and roles: no two the same, none that is taken. */
export const distinctNames: Rule = ({ databases, roles }) => [
  ...repeated(databases.map((database) => database.name)).map(({ text, index }) => ({
    path: ['databases', index, 'name'],
    message: `there is a database ${text} already`,
  })),
  ...repeated(roles.map((role) => role.name)).map(({ text, index }) => ({
    path: ['roles', index, 'name'],
    message: `there is a role ${text} already`,
  })),
  ...databases.flatMap(({ name }, index) =>
    RESERVED_DATABASES.includes(name)
      ? [{ path: ['databases', index, 'name'], message: `the database name ${name} is reserved` }]
      : [],
  ),
  ...roles.flatMap(({ name }, index) =>
    /^(?:postgres|public|none|pgbouncer)$|^pgscale_|^pg_/u.test(name)
      ? [{ path: ['roles', index, 'name'], message: `the role name ${name} is reserved (postgres, pg_*, pgscale_*)` }]
      : [],
  ),
];

/** Owners and memberships must name a role of the spec, or (memberships) one that PostgreSQL has by itself. */
export const knownRoles: Rule = ({ databases, roles }) => {
  const names = roles.map((role) => role.name);
  const groups = [...names, ...PREDEFINED_ROLES];
  const owners = databases.flatMap(({ owner }, index) =>
    names.includes(owner) ? [] : [unknown(['databases', index, 'owner'], owner, names)],
  );
  const members = roles.flatMap((role, index) =>
    role.memberOf.flatMap((group, at) =>
      groups.includes(group) ? [] : [unknown(['roles', index, 'memberOf', at], group, groups)],
    ),
  );
  return [...owners, ...members];
};

function unknown(path: (string | number)[], name: string, names: readonly string[]): Finding {
  const near = nearest(name, names);
  const advice = near === undefined ? 'add it under roles' : `did you mean ${near}?`;
  return { path, message: `there is no role ${name} in the spec; ${advice}` };
}

/** PostgreSQL refuses a role that is, over however many others, a member of itself. */
export const noMembershipCycle: Rule = ({ roles }) =>
  roles.flatMap(({ name }, index) =>
    reaches(roles, name, name, new Set())
      ? [{ path: ['roles', index, 'memberOf'], message: `${name} would be a member of itself` }]
      : [],
  );

function reaches(roles: Spec['roles'], from: string, target: string, seen: Set<string>): boolean {
  if (seen.has(from)) return false;
  seen.add(from);
  const groups = roles.find((role) => role.name === from)?.memberOf ?? [];
  return groups.some((group) => group === target || reaches(roles, group, target, seen));
}
