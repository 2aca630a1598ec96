import type { CatalogueEntry } from './entry.ts';

export const SPEC_ERRORS = {
  PGS_SPEC_MISSING: {
    exit: 'usage',
    title: 'There is no spec at that path.',
    why: 'pgscale reads ./pgscale.yaml unless --config or PGSCALE_CONFIG names another file.',
    fix: 'Change to the folder of the spec, name it with `--config FILE`, or make one with `pgscale init`.',
  },
  PGS_SPEC_INVALID: {
    exit: 'usage',
    title: 'The spec has mistakes.',
    why: 'Each problem is listed with its line and column and what was expected there. Nothing was contacted.',
    fix: 'Correct the lines that the message names; docs/reference/spec.md has every key.',
  },
  PGS_SECRET_MISSING: {
    exit: 'usage',
    title: 'A secret is missing.',
    why: 'The secrets file lacks an entry that the spec needs, or a reference in it leads nowhere.',
    fix: 'Make the missing ones with `pgscale secret generate`, or write them (or references) into the secrets file.',
  },
  PGS_SECRETS_INVALID: {
    exit: 'usage',
    title: 'The secrets file has mistakes.',
    why: 'It is not YAML, or an entry has another shape than expected. Values are never shown.',
    fix: 'Correct the lines that the message names.',
  },
  PGS_SECRETS_READABLE: {
    exit: 'usage',
    title: 'Others may read the secrets file.',
    why: 'It holds the passwords and the CA key of the cluster, so only its owner may have access.',
    fix: 'Run `chmod 600 FILE`, and change the secrets if somebody may have read them.',
  },
  PGS_INIT_EXISTS: {
    exit: 'usage',
    title: 'There is a spec or a secrets file already, and init never overwrites one.',
    why: 'The folder belongs to a cluster already.',
    fix: 'Edit the file that is there, or choose another with `--config FILE`.',
  },
} as const satisfies Record<string, CatalogueEntry>;
