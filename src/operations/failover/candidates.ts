import { PATRONI } from '../../spec/layout.ts';
import type { ElectionKeys, FailoverFacts, MemberFacts } from './look.ts';

/** One member, and what becoming the primary would mean. */
export interface Candidate {
  readonly name: string;
  readonly timeline: number | null;
  /** Bytes of WAL since the beginning of time. */
  readonly position: number | null;
  /** WAL of the lost primary that it does not have; null when that is not known. 0: it has every acknowledged commit. */
  readonly gapBytes: number | null;
  /** Age of the last commit that it has. */
  readonly gapSeconds: number | null;
  /** Whether commits waited for it. */
  readonly isSynchronous: boolean;
  /** Why it cannot become the primary; null when it can. */
  readonly excluded: string | null;
}

/**
 * The name of the member that takes writes, is the leader and answers; undefined when there is none. While etcd has no
 * majority, the leader is who goes on by failsafe_mode. Pure.
 */
export function healthyPrimary({ members, keys }: FailoverFacts): string | undefined {
  const isLeader = ({ name, isFailsafe }: MemberFacts): boolean =>
    keys === undefined ? isFailsafe : name === keys.leader;
  return members.find((member) => member.row?.isInRecovery === false && isLeader(member))?.name;
}

/**
 * A member that takes writes and does not hold the leader key; undefined when there is none. While Patroni is paused such a
 * one goes on for as long as it likes, with clients of its own. Pure.
 */
export function strayPrimary({ members, keys }: FailoverFacts): MemberFacts | undefined {
  return members.find(({ name, row }) => row?.isInRecovery === false && name !== keys?.leader);
}

/** What is to be done about it, before another member may lead. Pure. */
export function strayText({ name, state }: MemberFacts): string {
  return state === undefined
    ? `${name} takes writes without Patroni: start it (systemctl start ${PATRONI.unit}), or stop PostgreSQL there first`
    : `${name} takes writes and does not hold the leader key: stop PostgreSQL there first`;
}

/** Who has every acknowledged commit, and so need not be done without: the primary that was, and enough of its voters. Pure. */
export function bringBack({ leader, voters }: ElectionKeys['sync']): string {
  const whole = [
    ...(leader === undefined ? [] : [leader]),
    ...(leader !== undefined && voters.length === 0 ? [] : ['a synchronous standby']),
  ];
  return `bring ${whole.join(' or ')} back`;
}

/** Every member but the lost primary, the best first. Pure. */
export function candidatesOf(facts: FailoverFacts): Candidate[] {
  const newest = Math.max(0, ...facts.members.map(({ row }) => row?.timeline ?? 0));
  return facts.members
    .map((member) => candidateOf(member, facts, newest))
    .toSorted(
      (a, b) =>
        Number(a.excluded !== null) - Number(b.excluded !== null) ||
        (a.gapBytes ?? Infinity) - (b.gapBytes ?? Infinity) ||
        (b.position ?? 0) - (a.position ?? 0) ||
        a.name.localeCompare(b.name),
    );
}

function candidateOf(member: MemberFacts, facts: FailoverFacts, newest: number): Candidate {
  const { name, row } = member;
  const gapBytes = gapOf(member, facts);
  return {
    name,
    timeline: row?.timeline ?? null,
    position: row?.position ?? null,
    gapBytes,
    gapSeconds: gapBytes === 0 ? 0 : (row?.lastCommitSeconds ?? null),
    isSynchronous: facts.keys?.sync.voters.includes(name) ?? false,
    excluded: exclusion(member, facts, newest),
  };
}

function exclusion(
  { name, unreachable, state, row }: MemberFacts,
  facts: FailoverFacts,
  newest: number,
): string | null {
  if (unreachable !== undefined) return `its host cannot be reached (${unreachable})`;
  if (state === undefined) return 'Patroni does not answer there';
  if (row === undefined) return `PostgreSQL takes no connections (${state})`;
  if (!row.isInRecovery) return 'it is a primary already';
  if (facts.keys?.noFailover.includes(name) === true) return 'it is tagged as no candidate (nofailover)';
  if ((row.timeline ?? 0) < newest) return `it is on timeline ${row.timeline ?? 0}, others are on ${newest}`;
  return null;
}

/**
 * A synchronous standby has every acknowledged commit when as many voters as an election needs were asked and none is
 * ahead of it: any commit was confirmed by one of them. Of any other, the last noted position of the primary tells the
 * least that is missing. https://patroni.readthedocs.io/en/latest/replication_modes.html#quorum-commit-mode
 */
function gapOf({ name, row }: MemberFacts, { members, keys, synchronous }: FailoverFacts): number | null {
  if (row === undefined || keys === undefined) return null;
  const { voters, quorum } = keys.sync;
  const asked = members.filter((each) => each.row?.isInRecovery === true && voters.includes(each.name));
  const isWhole = voters.includes(name) && asked.length >= quorum + 1;
  const isAhead = asked.every((each) => (each.row?.position ?? 0) <= row.position);
  if (synchronous > 0 && isWhole && isAhead) return 0;
  const known = Math.max(keys.lastPosition ?? 0, ...members.map((each) => each.row?.position ?? 0));
  return keys.lastPosition === undefined ? null : Math.max(1, known - row.position);
}
