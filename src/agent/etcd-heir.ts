import * as z from 'zod/mini';

/**
 * What a member of etcd says of itself (Maintenance.Status); 64-bit numbers are strings, and absent when zero.
 * https://etcd.io/docs/v3.5/dev-guide/api_reference_v3/
 */
export const etcdStatus = z.object({
  header: z.object({ member_id: z.string() }),
  leader: z.optional(z.string()),
  raftIndex: z.optional(z.string()),
  isLearner: z.optional(z.boolean()),
});
export type EtcdStatus = z.output<typeof etcdStatus>;

export function isEtcdLeader({ header, leader }: EtcdStatus): boolean {
  return leader === header.member_id;
}

/**
 * To whom etcd's leader can hand over, the furthest first. A member that has just come back from a cut votes for itself and lacks
 * entries: a transfer to it runs into its deadline, and the leader stays where it is. Pure.
 */
export function etcdHeirs(own: EtcdStatus, others: readonly EtcdStatus[]): EtcdStatus[] {
  return others
    .filter(({ leader, isLearner }) => leader === own.header.member_id && isLearner !== true)
    .toSorted((a, b) => Number(raftIndex(b) - raftIndex(a)));
}

function raftIndex(status: EtcdStatus): bigint {
  return BigInt(status.raftIndex ?? '0');
}
