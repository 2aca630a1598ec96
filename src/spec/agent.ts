import type { Spec } from './schema.ts';

/** Whether the database hosts need pgscale's own program. Pure. */
export function hasAgent({ failover, partitions }: Spec): boolean {
  return failover.guard || partitions.length > 0;
}
