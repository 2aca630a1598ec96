import type { ClusterSession } from './cluster-session.ts';
import {
  bringBack,
  candidatesOf,
  healthyPrimary,
  strayPrimary,
  strayText,
  type Candidate,
} from './failover/candidates.ts';
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
    leader === null
      ? [
          ...store(facts),
          ...pause(facts),
          ...stray(facts),
          ...lost(facts),
          ...voters(facts, candidates),
          ...lag(facts, candidates),
        ]
      : [...failsafe(facts, leader), ...pause(facts), ...succession(facts, candidates)];
  return { leader, reasons, candidates };
}

const BRING_ETCD_BACK = 'bring etcd hosts back until more than half of them run';

function store({ keys, etcd, members }: FailoverFacts): Reason[] {
  if (keys !== undefined) return [];
  const writing = members.find(({ row }) => row?.isInRecovery === false)?.name;
  const text = `etcd has no majority: none of the ${etcd.asked} members that could be asked answers a consistent read`;
  const stays = writing === undefined ? '' : `; ${writing} takes writes until it finds out`;
  return [{ id: 'etcd-majority', text: `${text}${stays}`, next: BRING_ETCD_BACK }];
}

/** https://patroni.readthedocs.io/en/latest/dcs_failsafe_mode.html */
function failsafe({ keys }: FailoverFacts, leader: string): Reason[] {
  if (keys !== undefined) return [];
  const text = `etcd has no majority: ${leader} goes on because every other member answers it (failsafe_mode). When one of them is lost, writes stop; nobody can be elected`;
  return [{ id: 'failsafe', text, next: BRING_ETCD_BACK }];
}

/** A leader that works, and nobody to take over from it. */
function succession({ keys, members }: FailoverFacts, candidates: readonly Candidate[]): Reason[] {
  const others = candidates.filter(({ name }) => name !== keys?.leader);
  if (keys === undefined || members.length < 2 || others.some(({ excluded }) => excluded === null)) return [];
  return [nobody, ...others.flatMap(exclusion)];
}

const nobody: Reason = {
  id: 'no-candidate',
  text: 'no member could take over',
  next: 'see the lines below; pgscale status',
};

function exclusion({ name, excluded }: Candidate): Reason[] {
  return excluded === null
    ? []
    : [{ id: 'excluded', text: `${name} is no candidate: ${excluded}`, next: 'pgscale status' }];
}

/** Every candidate is further behind than Patroni allows for an election of its own. */
function lag({ keys }: FailoverFacts, candidates: readonly Candidate[]): Reason[] {
  const { lagLimitBytes = Infinity, lastPosition } = keys ?? {};
  const able = candidates.filter(({ excluded }) => excluded === null);
  const behind = able.map(({ position }) => (lastPosition ?? 0) - (position ?? 0));
  if (able.length === 0 || behind.some((bytes) => bytes <= lagLimitBytes)) return [];
  const least = Math.min(...behind);
  const text = `every candidate is at least ${least} bytes behind the last known position; Patroni elects nobody who is more than ${lagLimitBytes} behind`;
  return [{ id: 'lag', text, next: `pgscale failover --allow-data-loss ${least}` }];
}

function pause({ keys }: FailoverFacts): Reason[] {
  if (keys?.isPaused !== true) return [];
  return [{ id: 'paused', text: 'Patroni is paused: nothing fails over by itself', next: 'pgscale resume' }];
}

/** Nobody may lead beside a member that takes writes. */
function stray(facts: FailoverFacts): Reason[] {
  const member = facts.keys === undefined ? undefined : strayPrimary(facts);
  if (member === undefined) return [];
  return [{ id: 'stray-primary', text: strayText(member), next: `pgscale logs ${member.name}` }];
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
  const reasons = candidates.flatMap(exclusion);
  if (able.length === 0) return [nobody, ...reasons];
  const { leader: last, voters: names, quorum } = keys.sync;
  const there = members.filter(({ name, row }) => names.includes(name) && row?.isInRecovery === true).length;
  if (synchronous > 0 && there < quorum + 1) {
    const text =
      names.length === 0 && last !== undefined
        ? `${last} was without a synchronous standby: it alone is sure to have the last commits`
        : `an election needs ${quorum + 1} of the synchronous standbys (${names.join(', ') || 'none'}), ${there} can vote: one of the others may have the last commits`;
    reasons.unshift({
      id: 'quorum',
      text,
      next: `${bringBack(keys.sync)}, or pgscale failover --allow-data-loss BYTES`,
    });
  }
  return reasons;
}
