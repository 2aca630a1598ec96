import { type Policy, policySchema } from '../partitions/policy.ts';
import type { Spec } from './schema.ts';

export type PartitionSpec = Spec['partitions'][number];

/** The database that a policy is for: the one that it names, or the only one. Pure. */
export function partitionDatabase(
  { database }: Pick<PartitionSpec, 'database'>,
  databases: readonly { readonly name: string }[],
): string | undefined {
  return database ?? (databases.length === 1 ? databases[0]?.name : undefined);
}

/** The policies of each database that has some. Pure. */
export function policiesByDatabase({ partitions, databases }: Spec): { database: string; policies: PartitionSpec[] }[] {
  const names = new Set(partitions.flatMap((policy) => partitionDatabase(policy, databases) ?? []));
  return [...names].map((database) => ({
    database,
    policies: partitions.filter((policy) => partitionDatabase(policy, databases) === database),
  }));
}

/** A policy as the rotation takes it, without what is for other commands. Pure. */
export function policyOf(spec: PartitionSpec): Policy {
  return policySchema.parse(spec);
}
