import * as z from 'zod/mini';

import { PatroniKeys, type EtcdKey } from '../patroni-keys.ts';

/** The cluster as etcd has it, as far as the guard of one member has to know it. */
export interface ClusterView {
  /** When the question was sent, on the guard's clock. */
  readonly askedAtMs: number;
  /** Whether the leader key names this member. */
  readonly isLeader: boolean;
  /** The lease of the leader key, when it is ours. */
  readonly leaseId: string | undefined;
  /** What is left of that lease. */
  readonly leaseSeconds: number | undefined;
  /** What it has when it is renewed (Patroni's `ttl`). */
  readonly leaseGrantedSeconds: number | undefined;
  readonly isPaused: boolean;
  /** A switchover is under way. */
  readonly isMoving: boolean;
  /** Enough synchronous standbys are there to elect one of them, with every acknowledged commit. */
  readonly canReplace: boolean;
  /** Whether there are other members at all. */
  readonly hasOthers: boolean;
  /** We lead, and a standby that streams has no vote yet, or a voter does not stream. */
  readonly areVotersStale: boolean;
  /** How far the furthest member is that runs and does not stream, in bytes of WAL; undefined when none, or we do not lead. */
  readonly idlePositionBytes: number | undefined;
}

const config = z.object({ pause: z.optional(z.nullable(z.boolean())) });
const sync = z.object({
  leader: z.optional(z.nullable(z.string())),
  sync_standby: z.optional(z.nullable(z.string())),
  quorum: z.optional(z.nullable(z.number())),
});
const failover = z.record(z.string(), z.unknown());

/** Reads Patroni's keys. What cannot be read counts as the careful answer: paused, and nobody to take over. Pure. */
export function clusterView(
  keys: readonly EtcdKey[],
  { prefix, member: own }: { prefix: string; member: string },
  askedAtMs: number,
): ClusterView {
  const found = new PatroniKeys(keys, prefix);
  const { leader } = found;
  const isLeader = leader?.name === own;
  const { pause } = found.parsed(config, 'config') ?? { pause: true };
  return {
    askedAtMs,
    isLeader,
    leaseId: isLeader && leader.lease !== '0' ? leader.lease : undefined,
    leaseSeconds: undefined,
    leaseGrantedSeconds: undefined,
    isPaused: pause === true,
    isMoving: isMoving(found),
    canReplace: canReplace(found, own),
    hasOthers: found.memberNames.some((name) => name !== own),
    areVotersStale: isLeader && areVotersStale(found, own),
    idlePositionBytes: isLeader ? idlePositionBytes(found, own) : undefined,
  };
}

/** What was asked of Patroni is in the key until it is done; `{}` is what Patroni leaves there after a switchover. */
function isMoving(found: PatroniKeys): boolean {
  if (!found.has('failover')) return false;
  const asked = found.parsed(failover, 'failover');
  return asked === undefined || Object.keys(asked).length > 0;
}

/** Patroni looks at its standbys once per `loop_wait`; what it would find now is what the members say of themselves. */
function areVotersStale(found: PatroniKeys, own: string): boolean {
  const state = found.parsed(sync, 'sync');
  if (state === undefined || typeof state.leader !== 'string') return false;
  const voters = votersOf(state, own);
  const streaming = found.memberNames.filter((name) => {
    const each = found.member(name);
    return name !== own && each?.replication_state === 'streaming' && each.tags?.nosync !== true;
  });
  return state.leader !== own || streaming.length !== voters.length || streaming.some((name) => !voters.includes(name));
}

function idlePositionBytes(found: PatroniKeys, own: string): number | undefined {
  const positions = found.memberNames.flatMap((name) => {
    const each = found.member(name);
    const isIdle = name !== own && each?.state === 'running' && each.replication_state !== 'streaming';
    return isIdle ? (each.xlog_location ?? 0) : [];
  });
  return positions.length === 0 ? undefined : Math.max(...positions);
}

function votersOf(state: z.output<typeof sync>, own: string): string[] {
  return (state.sync_standby ?? '').split(',').filter((name) => name !== '' && name !== own);
}

/**
 * In quorum mode a candidate needs as many other voters as `quorum` says that it is not behind of; without it, one
 * synchronous standby is enough. https://patroni.readthedocs.io/en/latest/replication_modes.html#quorum-commit-mode
 */
function canReplace(found: PatroniKeys, own: string): boolean {
  const state = found.parsed(sync, 'sync');
  if (state?.leader !== own) return false;
  const able = votersOf(state, own).filter((name) => {
    const each = found.member(name);
    return each?.state === 'running' && each.tags?.nofailover !== true;
  });
  return able.length >= (state.quorum ?? 0) + 1;
}
