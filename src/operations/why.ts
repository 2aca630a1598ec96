import type { ClusterSession } from './cluster-session.ts';
import { candidatesOf, healthyPrimary, type Candidate } from './failover/candidates.ts';
import { lookBeforeFailover, type FailoverFacts } from './failover/look.ts';

/** Why a cluster has the leader that it has, or none. */
export interface Why {
  readonly leader: string | null;
  /** The gravest first; empty when all is as it should be. */
  readonly reasons: readonly Reason[];
  readonly candidates: readonly Candidate[];
}

export interface Reason {
  /** Stable, for scripts: `etcd-majority`. */
  readonly id: string;
  readonly text: string;
  /** What to do about it. */
  readonly next: string;
}

/** Looks at who could lead and what keeps them from it. Changes nothing. The session must tolerate failures. */
export async function readWhy(session: ClusterSession): Promise<Why> {
  return explainLeadership(await lookBeforeFailover(session));
}

/** Pure. */
export function explainLeadership(facts: FailoverFacts): Why {
  const leader = healthyPrimary(facts) ?? null;
  const candidates = candidatesOf(facts);
  const reasons =
    leader === null ? [...store(facts), ...pause(facts), ...lost(facts), ...voters(facts, candidates)] : pause(facts);
  return { leader, reasons, candidates };
}

function store({ keys, etcd }: FailoverFacts): Reason[] {
  if (keys !== undefined) return [];
  const text = `etcd has no majority: none of the ${etcd.asked} members that could be asked answers a consistent read`;
  return [{ id: 'etcd-majority', text, next: 'bring etcd hosts back until more than half of them run' }];
}

function pause({ keys }: FailoverFacts): Reason[] {
  if (keys?.isPaused !== true) return [];
  return [{ id: 'paused', text: 'Patroni is paused: nothing fails over by itself', next: 'pgscale resume' }];
}

/** What is wrong with the one who leads, or led last. */
function lost({ keys, members }: FailoverFacts): Reason[] {
  if (keys === undefined) return [];
  const { leader } = keys;
  const holder = members.find(({ name }) => name === leader);
  if (leader === undefined) return [{ id: 'no-leader', text: 'nobody holds the leader key', next: 'pgscale status' }];
  if (holder?.unreachable !== undefined) {
    const text = `${leader} holds the leader key, and its host cannot be reached; its lease ends within seconds`;
    return [{ id: 'leader-unreachable', text, next: 'wait for the lease to end, then pgscale failover' }];
  }
  const what = holder?.state === undefined ? 'its Patroni does not answer' : `its PostgreSQL is ${holder.state}`;
  const text = `${leader} holds the leader key, but ${what}`;
  return [{ id: 'leader-not-serving', text, next: `pgscale logs ${leader}` }];
}

function voters({ keys, members, synchronous }: FailoverFacts, candidates: readonly Candidate[]): Reason[] {
  if (keys === undefined) return [];
  const able = candidates.filter(({ excluded }) => excluded === null);
  const reasons = candidates.flatMap(({ name, excluded }): Reason[] =>
    excluded === null ? [] : [{ id: 'excluded', text: `${name} is no candidate: ${excluded}`, next: 'pgscale status' }],
  );
  if (able.length === 0) return reasons;
  const { voters: names, quorum } = keys.sync;
  const there = members.filter(({ name, row }) => names.includes(name) && row?.isInRecovery === true).length;
  if (synchronous > 0 && there < quorum + 1) {
    const text = `an election needs ${quorum + 1} of the synchronous standbys (${names.join(', ') || 'none'}), ${there} can vote: one of the others may have the last commits`;
    reasons.unshift({
      id: 'quorum',
      text,
      next: 'bring a synchronous standby back, or pgscale failover --allow-data-loss BYTES',
    });
  }
  return reasons;
}
