import { patroniTimings } from '../../../components/patroni/timings.ts';
import type { Outage, Outages } from '../../../cluster/outage.ts';
import type { Spec } from '../../../spec/schema.ts';
import type { FaultChoice } from './fault.ts';

/** How long the parts of a round may take, in milliseconds. */
export interface Deadlines {
  /** The fault comes at a random moment of this, so that rounds do not always meet Patroni's clock at the same place. */
  readonly jitterMs: number;
  /** Until somebody takes writes; after it the round has failed. */
  readonly writeMs: number;
  /** A primary that still takes writes so long after the fault stays. */
  readonly stayMs: number;
  /** From the first write of a new primary until the fault is taken back. */
  readonly holdMs: number;
  /** The host takes the fault back by itself. */
  readonly undoAfterMs: number;
  readonly redundancyMs: number;
}

/** Twice the worst that is computed is no matter of patience any more. */
const PATIENCE = 2;
const SLACK_MS = 10_000;

/** Pure. `redundancyMs` is what the operator gives: a re-seed takes as long as the data are large. */
export function deadlines(spec: Spec, choice: FaultChoice, worst: Outages, redundancyMs: number): Deadlines {
  const writeMs = PATIENCE * worst.hostLoss.worst * 1000 + SLACK_MS;
  const { loopWait } = patroniTimings(spec);
  const isProcess = choice.kind === 'crash' || choice.kind === 'freeze';
  return {
    jitterMs: isProcess ? 500 : loopWait * 1000,
    writeMs,
    stayMs: isProcess ? stayMs(spec, choice, worst) : Infinity,
    holdMs: isProcess ? 0 : 2000,
    undoAfterMs: writeMs + SLACK_MS,
    redundancyMs,
  };
}

/** Longer than the guard's patience with a Patroni that is away (GUARD_TIMINGS), and than what follows from it. */
const STAY_MS = { fast: 8000, normal: 12_000, wan: 20_000 } as const;

/** A Patroni that is frozen, where no guard may act, keeps its lease until that has run out. */
function stayMs({ failover }: Spec, { kind, process }: FaultChoice, { isGuarded, hostLoss }: Outages): number {
  const holdsLease = kind === 'freeze' && process === 'patroni' && !isGuarded;
  return holdsLease ? hostLoss.worst * 1000 : STAY_MS[failover.profile];
}

/** What the spec promises for this fault; undefined where nothing is computed. Pure. */
export function promisedOutage({ kind, process }: FaultChoice, computed: Outages): Outage | undefined {
  if (kind === 'power') return computed.hostLoss;
  if (kind === 'partition') return computed.networkCut;
  return kind === 'crash' && process === 'postmaster' ? computed.crash : undefined;
}
