import { ACCESS_ERRORS } from './access.ts';
import { BACKUP_ERRORS } from './backup.ts';
import { CDC_ERRORS } from './cdc.ts';
import { COMMAND_ERRORS } from './command.ts';
import { SQL_ERRORS } from './sql.ts';
import { CLUSTER_ERRORS } from './cluster.ts';
import type { CatalogueEntry } from './entry.ts';
import { DRILL_ERRORS } from './drill.ts';
import { FAILOVER_ERRORS } from './failover.ts';
import { HOST_ERRORS } from './host.ts';
import { LAB_ERRORS } from './lab.ts';
import { PARAMETER_ERRORS } from './parameter.ts';
import { PARTITION_ERRORS } from './partition.ts';
import { MEMBERSHIP_ERRORS } from './membership.ts';
import { RUN_ERRORS } from './run.ts';
import { SPEC_ERRORS } from './spec.ts';
import { SWITCHOVER_ERRORS } from './switchover.ts';
import { UPGRADE_ERRORS } from './upgrade.ts';
import { URL_ERRORS } from './url.ts';

/** Every error that pgscale gives on purpose, by code; docs/reference/errors.md is generated from it. */
export const CATALOGUE = {
  ...ACCESS_ERRORS,
  ...BACKUP_ERRORS,
  ...CDC_ERRORS,
  ...COMMAND_ERRORS,
  ...CLUSTER_ERRORS,
  ...SQL_ERRORS,
  ...DRILL_ERRORS,
  ...FAILOVER_ERRORS,
  ...HOST_ERRORS,
  ...LAB_ERRORS,
  ...PARAMETER_ERRORS,
  ...PARTITION_ERRORS,
  ...MEMBERSHIP_ERRORS,
  ...RUN_ERRORS,
  ...SPEC_ERRORS,
  ...SWITCHOVER_ERRORS,
  ...UPGRADE_ERRORS,
  ...URL_ERRORS,
} as const satisfies Record<string, CatalogueEntry>;

export type ErrorCode = keyof typeof CATALOGUE;
export type { CatalogueEntry };
