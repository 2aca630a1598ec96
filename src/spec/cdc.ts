import type { Spec } from './schema.ts';

/** One stream of changes, as the spec has it. */
export type CdcSpec = Spec['cdc'][number];

/** The role with which the consumer of a stream logs in; its password is in the secrets file. */
export function cdcRole({ name }: Pick<CdcSpec, 'name'>): string {
  return `cdc_${name}`;
}

/** The database that a stream comes from: the one that it names, or the only one. Pure. */
export function cdcDatabase(
  { database }: Pick<CdcSpec, 'database'>,
  databases: readonly { readonly name: string }[],
): string | undefined {
  return database ?? (databases.length === 1 ? databases[0]?.name : undefined);
}

/** The roles whose passwords the secrets file has: those of the spec, and one for each stream. Pure. */
export function rolesWithPassword({ roles, cdc }: Pick<Spec, 'roles' | 'cdc'>): string[] {
  return [...roles.map(({ name }) => name), ...cdc.map(cdcRole)];
}
