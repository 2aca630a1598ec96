import type { CatalogueEntry } from './entry.ts';

export const URL_ERRORS = {
  PGS_DATABASE_UNKNOWN: {
    exit: 'usage',
    title: 'The spec has no such database or role, or none at all.',
    why: 'The name is mistyped, or the spec lists no database or no role yet.',
    fix: 'Choose one of those under `databases` and `roles` in the spec with `--database` and `--role`.',
  },
  PGS_MEMBER_UNKNOWN: {
    exit: 'usage',
    title: 'The spec has no such member.',
    why: 'The name is mistyped, or the host does not have the role `database`.',
    fix: '`pgscale status` lists the members.',
  },
  PGS_PSQL_MISSING: {
    exit: 'unexpected',
    title: 'psql is not installed on this machine.',
    why: 'A session on an endpoint starts the psql of this machine, so that the network path is that of a client.',
    fix: 'Install it (`apt-get install postgresql-client`), or open a session on a member with `pgscale psql --member HOST`.',
  },
} as const satisfies Record<string, CatalogueEntry>;
