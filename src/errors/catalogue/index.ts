import type { CatalogueEntry } from './entry.ts';
import { HOST_ERRORS } from './host.ts';
import { LAB_ERRORS } from './lab.ts';
import { RUN_ERRORS } from './run.ts';

/** Every error that pgscale gives on purpose, by code; docs/reference/errors.md is generated from it. */
export const CATALOGUE = {
  ...HOST_ERRORS,
  ...LAB_ERRORS,
  ...RUN_ERRORS,
} as const satisfies Record<string, CatalogueEntry>;

export type ErrorCode = keyof typeof CATALOGUE;
export type { CatalogueEntry };
