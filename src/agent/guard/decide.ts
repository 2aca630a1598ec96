import type { ClusterView } from './cluster-view.ts';
import type { GuardTimings } from './settings.ts';

/** What the guard sees at one moment. */
export interface Observation {
  /** On a clock that never goes back. */
  readonly nowMs: number;
  /** crashed: its pid file names a process that is gone. A postmaster that was stopped takes the file with it. */
  readonly postmaster: 'running' | 'stopped' | 'crashed';
  /** Whether the data directory is that of a standby. */
  readonly isStandby: boolean;
  /** failed: it is gone, and systemd was not told to stop it and does not start it again. */
  readonly patroni: 'running' | 'frozen' | 'gone' | 'failed';
  /** Processes of PostgreSQL that work in the data directory; not counted while all is well. */
  readonly processes: number | undefined;
  /** The last that etcd told. */
  readonly cluster: ClusterView | undefined;
}

/** What the guard remembers from one moment to the next. */
export type GuardState =
  | {
      readonly phase: 'watching';
      readonly atMs: number;
      readonly crashedMs: number;
      readonly patroniAwayMs: number;
      readonly patroniSteadyMs: number;
      /** When a lease was first seen nearly out, and the last time. */
      readonly lowLeaseAtMs: readonly number[];
    }
  | { readonly phase: 'fencing'; readonly atMs: number; readonly release: boolean; readonly why: string }
  | { readonly phase: 'releasing'; readonly atMs: number; readonly sinceMs: number; readonly why: string }
  | { readonly phase: 'starting'; readonly atMs: number };

/**
 * What has to be done now. `fence`: end Patroni and every postgres of the data directory. `revoke`: give the lease back.
 * `start`: Patroni. `thaw`: end a stopped Patroni, which systemd starts again; PostgreSQL runs on. `look`: ask etcd.
 */
export type Action =
  | { readonly kind: 'wait' | 'look' | 'start' | 'thaw' }
  | { readonly kind: 'fence'; readonly why: string }
  | { readonly kind: 'revoke'; readonly leaseId: string };

interface Decision {
  readonly state: GuardState;
  readonly action: Action;
}

type Watching = Extract<GuardState, { phase: 'watching' }>;
type Trouble = 'postmaster' | 'patroni' | 'lease';

/** A longer pause between two looks is our own (a frozen machine): it is no evidence against anybody else. */
const LONGEST_GAP_MS = 500;
/** A decision is taken on an answer of etcd that is no older. */
const FRESH_MS = 500;
const TAKE_OVER = 'and a synchronous standby can take over';
const WAIT: Action = { kind: 'wait' };
const LOOK: Action = { kind: 'look' };

export function watching(nowMs: number): GuardState {
  return { phase: 'watching', atMs: nowMs, crashedMs: 0, patroniAwayMs: 0, patroniSteadyMs: 0, lowLeaseAtMs: [] };
}

/**
 * One look: what is remembered, what is seen, and so what to do. Pure. A lease is revoked only when nothing of PostgreSQL
 * and no Patroni was seen running in the same look.
 */
export function decide(state: GuardState, seen: Observation, wanted: GuardTimings): Decision {
  const timings = forLease(wanted, seen.cluster?.leaseGrantedSeconds);
  switch (state.phase) {
    case 'watching':
      return watch(count(state, seen, timings), seen, timings);
    case 'fencing': {
      if (!isFenced(seen)) return { state: { ...state, atMs: seen.nowMs }, action: { kind: 'fence', why: state.why } };
      if (!state.release) return start(seen);
      return release({ phase: 'releasing', atMs: seen.nowMs, sinceMs: seen.nowMs, why: state.why }, seen, timings);
    }
    case 'releasing':
      return release({ ...state, atMs: seen.nowMs }, seen, timings);
    case 'starting':
      return seen.patroni === 'running' ? { state: watching(seen.nowMs), action: WAIT } : start(seen);
  }
}

/**
 * While the profile changes, the guard has the new clocks and Patroni still the old lease, or the other way round. By the
 * floor of a long lease, a short one would be nearly out before Patroni comes to renew it.
 */
function forLease(timings: GuardTimings, grantedSeconds: number | undefined): GuardTimings {
  if (grantedSeconds === undefined) return timings;
  return {
    ...timings,
    leaseFloorSeconds: Math.min(timings.leaseFloorSeconds, grantedSeconds / 5),
    blindMs: Math.min(timings.blindMs, grantedSeconds * 500),
    leaseMs: Math.max(timings.leaseMs, grantedSeconds * 1500),
  };
}

/** Adds up for how long what is missing has been missing. */
function count(state: Watching, seen: Observation, { steadyMs, leaseFloorSeconds }: GuardTimings): Watching {
  const gapMs = Math.min(seen.nowMs - state.atMs, LONGEST_GAP_MS);
  const isThere = seen.patroni === 'running';
  const patroniSteadyMs = isThere ? state.patroniSteadyMs + gapMs : 0;
  return {
    phase: 'watching',
    atMs: seen.nowMs,
    crashedMs: seen.postmaster === 'crashed' ? state.crashedMs + gapMs : 0,
    patroniAwayMs: isThere ? (patroniSteadyMs >= steadyMs ? 0 : state.patroniAwayMs) : state.patroniAwayMs + gapMs,
    patroniSteadyMs,
    lowLeaseAtMs: lowLease(state.lowLeaseAtMs, seen.cluster, leaseFloorSeconds),
  };
}

/** The last two answers of etcd in a row in which our lease was nearly out. */
function lowLease(before: readonly number[], cluster: ClusterView | undefined, floor: number): readonly number[] {
  if (cluster === undefined) return before;
  const isLow = cluster.isLeader && cluster.leaseSeconds !== undefined && cluster.leaseSeconds <= floor;
  if (!isLow) return [];
  return before.includes(cluster.askedAtMs) ? before : [...before, cluster.askedAtMs].slice(-2);
}

function watch(state: Watching, seen: Observation, timings: GuardTimings): Decision {
  const trouble = troubleOf(state, seen, timings);
  const age = seen.cluster === undefined ? Infinity : seen.nowMs - seen.cluster.askedAtMs;
  if (trouble === undefined) {
    const isDoubtful = state.lowLeaseAtMs.length > 0;
    return { state, action: age >= (isDoubtful ? FRESH_MS : timings.lookMs) ? LOOK : WAIT };
  }
  if (isFrozenStandby(trouble, seen)) return { state: watching(seen.nowMs), action: { kind: 'thaw' } };
  const fence = age <= FRESH_MS ? verdict(trouble, seen, timings) : blindVerdict(state, seen, timings);
  if (fence !== undefined) {
    const { why } = fence;
    return { state: { phase: 'fencing', atMs: seen.nowMs, ...fence }, action: { kind: 'fence', why } };
  }
  return { state, action: age > FRESH_MS ? LOOK : WAIT };
}

function troubleOf(state: Watching, seen: Observation, timings: GuardTimings): Trouble | undefined {
  if (seen.patroni !== 'running' && state.patroniAwayMs >= timings.patroniMs) return 'patroni';
  if (state.crashedMs >= timings.postmasterMs) return 'postmaster';
  return state.lowLeaseAtMs.length >= 2 && seen.postmaster === 'running' ? 'lease' : undefined;
}

/** A standby whose Patroni is stopped cannot take over, and nobody else would start it again. */
function isFrozenStandby(trouble: Trouble, { isStandby, patroni, cluster }: Observation): boolean {
  const isPaused = cluster?.isPaused ?? true;
  return trouble === 'patroni' && patroni === 'frozen' && isStandby && !isPaused;
}

interface Fence {
  readonly release: boolean;
  readonly why: string;
}

/** What a trouble calls for, by what etcd has just told; undefined: it is not ours to act. */
function verdict(trouble: Trouble, seen: Observation, timings: GuardTimings): Fence | undefined {
  const { cluster } = seen;
  if (cluster === undefined || cluster.isPaused || seen.isStandby) return undefined;
  if (seen.postmaster === 'stopped' && !isAbandoned(seen)) return undefined;
  return trouble === 'postmaster' ? crashVerdict(cluster) : absenceVerdict(trouble, cluster, timings);
}

/**
 * systemd ends PostgreSQL in order with a Patroni that fails and may not be started (a masked unit). Patroni that was told to
 * stop gives the lease back by itself, or keeps it because it knows better.
 */
function isAbandoned({ patroni, cluster }: Observation): boolean {
  return patroni === 'failed' && cluster?.isLeader === true && cluster.canReplace;
}

/** Without a synchronous standby Patroni's crash recovery loses least. */
function crashVerdict({ isLeader, canReplace, isMoving }: ClusterView): Fence | undefined {
  const isReplaced = isLeader && canReplace && !isMoving;
  return isReplaced ? { release: true, why: `the postmaster crashed, ${TAKE_OVER}` } : undefined;
}

/** Nobody looks after this primary: it has to end before another one leads, and at once if that loses nothing. */
function absenceVerdict(
  trouble: Exclude<Trouble, 'postmaster'>,
  { isLeader, canReplace, hasOthers, leaseSeconds = Infinity }: ClusterView,
  { leaseFloorSeconds }: GuardTimings,
): Fence | undefined {
  const what = trouble === 'lease' ? 'Patroni does not renew its lease' : 'Patroni does not come back';
  if (isLeader && canReplace) return { release: true, why: `${what}, ${TAKE_OVER}` };
  const isEnding = !isLeader || leaseSeconds <= leaseFloorSeconds;
  return hasOthers && isEnding ? { release: false, why: `${what}, and its lease ends` } : undefined;
}

/** Patroni is away and etcd silent: before others may lead, this primary has to stop. */
function blindVerdict({ patroniAwayMs }: Watching, seen: Observation, { blindMs }: GuardTimings): Fence | undefined {
  const { cluster, patroni, postmaster, isStandby } = seen;
  if (cluster === undefined || cluster.isPaused || !cluster.isLeader || !cluster.hasOthers || isStandby)
    return undefined;
  const isOver = patroni !== 'running' && patroniAwayMs >= blindMs && seen.nowMs - cluster.askedAtMs >= blindMs;
  const why = 'Patroni does not come back, and etcd does not answer';
  return isOver && postmaster !== 'stopped' ? { release: false, why } : undefined;
}

function isFenced(seen: Observation): boolean {
  const isGone = seen.patroni === 'gone' || seen.patroni === 'failed';
  return seen.processes === 0 && isGone && seen.postmaster !== 'running';
}

/** Until etcd says that the lease is not ours any more, Patroni stays stopped: it could lead again with the same lease. */
function release(
  state: Extract<GuardState, { phase: 'releasing' }>,
  seen: Observation,
  { leaseMs }: GuardTimings,
): Decision {
  const { cluster, nowMs } = seen;
  if (!isFenced(seen)) {
    const { why } = state;
    return { state: { phase: 'fencing', atMs: nowMs, release: true, why }, action: { kind: 'fence', why } };
  }
  if (nowMs - state.sinceMs >= leaseMs) return start(seen);
  if (cluster === undefined || cluster.askedAtMs < state.sinceMs) return { state, action: LOOK };
  if (!cluster.isLeader || cluster.isPaused || cluster.leaseId === undefined) return start(seen);
  return { state, action: { kind: 'revoke', leaseId: cluster.leaseId } };
}

function start({ nowMs }: Observation): Decision {
  return { state: { phase: 'starting', atMs: nowMs }, action: { kind: 'start' } };
}
