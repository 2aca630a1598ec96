import type { Spec } from './schema.ts';

/**
 * How long the leader's lease in etcd lives, in seconds (Patroni's `ttl`): the most of what the loss of a host costs.
 * Patroni takes nothing below 20. https://patroni.readthedocs.io/en/latest/dynamic_configuration.html
 */
export const LEASE_SECONDS: Readonly<Record<Spec['failover']['profile'], number>> = { fast: 20, normal: 30, wan: 60 };

export function leaseSeconds(spec: Spec): number {
  return LEASE_SECONDS[spec.failover.profile];
}
