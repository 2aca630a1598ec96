import type { Outage } from '../../../cluster/outage.ts';
import type { FaultChoice } from './fault.ts';

/** Times of a round in milliseconds, counted from the fault; null: it did not come. */
export interface RoundTimes {
  /** Nobody could write: until the new primary acknowledged, or, where the primary stayed, the longest gap. */
  readonly writeMs: number | null;
  /** Until a client that connected after the fault had an answer of the replica endpoint. */
  readonly readMs: number | null;
  /** The longest time in which no fresh read was answered. */
  readonly longestReadGapMs: number;
  /** Until the drill took the fault back; null for a crash, which has nothing to take back. */
  readonly undoneMs: number | null;
  /** Until every member streamed, commits were synchronous and every door was there again. */
  readonly redundantMs: number | null;
}

/** What happened to the read transactions on standbys that the fault did not hit. */
export interface ReadsInFlight {
  /** All from the fault to the end of the round. */
  readonly watched: number;
  /** Those that were open when the fault came. */
  readonly atFault: number;
  /** Broken at any time of the round, although both the standby and the proxy before it were healthy: must be 0. */
  readonly interrupted: number;
  /** Broken because the proxy that they came through was on the host that was lost. */
  readonly lostWithProxy: number;
  /** Each that was interrupted: when, on which standby, through which proxy, and what the client was told. */
  readonly breaks: readonly {
    readonly ms: number;
    readonly host: string;
    readonly proxy: string;
    readonly kind: string;
  }[];
}

export interface ErrorCount {
  readonly kind: string;
  readonly count: number;
}

/** Something that a picture of a round shows, by server and time since the fault. */
export interface RoundPicture {
  readonly fromMs: number;
  readonly toMs: number;
  readonly bucketMs: number;
  /** Acknowledged writes of each server, a count per bucket. */
  readonly writes: readonly { readonly host: string; readonly counts: readonly number[] }[];
  /** Errors of writers, a count per bucket. */
  readonly writeErrors: readonly number[];
  readonly freshReads: readonly number[];
  readonly readErrors: readonly number[];
  /** Read transactions, a lane for each client. */
  readonly transactions: readonly {
    readonly client: number;
    readonly beginMs: number;
    readonly endMs: number;
    readonly host: string;
    readonly isBroken: boolean;
  }[];
}

/** One round of a drill. */
export interface Round {
  readonly number: number;
  readonly at: string;
  /** The primary that was hit. */
  readonly victim: string;
  /** Who led afterwards: the same where the fault cost no failover. */
  readonly primary: string | null;
  readonly times: RoundTimes;
  readonly acknowledged: number;
  readonly lost: number;
  readonly writeErrors: readonly ErrorCount[];
  readonly readErrors: readonly ErrorCount[];
  readonly reads: ReadsInFlight;
  /** The hit host was a member again without anybody's hand. */
  readonly cameBack: boolean;
  /** What went wrong; empty when the cluster kept its promises. */
  readonly broken: readonly string[];
  readonly picture: RoundPicture;
}

/** A figure over all rounds, in milliseconds; null where no round has it. */
export interface Spread {
  readonly medianMs: number | null;
  readonly p95Ms: number | null;
  readonly worstMs: number | null;
}

/** What a drill found. */
export interface DrillReport {
  readonly cluster: string;
  readonly at: string;
  readonly profile: string;
  readonly fault: FaultChoice;
  readonly title: string;
  readonly hosts: number;
  readonly clients: { readonly writers: number; readonly readers: number };
  readonly isSynchronous: boolean;
  /** What `plan` and `status` compute for this fault, in seconds; null where nothing is computed for it. */
  readonly promised: Outage | null;
  readonly rounds: readonly Round[];
  readonly summary: {
    readonly write: Spread;
    readonly read: Spread;
    readonly redundant: Spread;
    readonly acknowledged: number;
    readonly lost: number;
    readonly readsWatched: number;
    readonly readsInterrupted: number;
    readonly readsLostWithProxy: number;
  };
  /** Every broken promise, with its round; empty when all were kept. */
  readonly broken: readonly string[];
  readonly durationMs: number;
}
