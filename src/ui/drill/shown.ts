interface Spread {
  readonly medianMs: number | null;
  readonly p95Ms: number | null;
  readonly worstMs: number | null;
}

interface ErrorCount {
  readonly kind: string;
  readonly count: number;
}

/** One round as it is shown; times in milliseconds from the fault. */
export interface ShownRound {
  readonly number: number;
  readonly at: string;
  readonly victim: string;
  readonly primary: string | null;
  readonly times: {
    readonly writeMs: number | null;
    readonly readMs: number | null;
    readonly longestReadGapMs: number;
    readonly undoneMs: number | null;
    readonly redundantMs: number | null;
  };
  readonly acknowledged: number;
  readonly lost: number;
  readonly writeErrors: readonly ErrorCount[];
  readonly readErrors: readonly ErrorCount[];
  readonly reads: { readonly watched: number; readonly interrupted: number; readonly lostWithProxy: number };
  readonly broken: readonly string[];
  readonly picture: ShownPicture;
}

/** Counts per bucket of time, and read transactions by client. */
export interface ShownPicture {
  readonly fromMs: number;
  readonly toMs: number;
  readonly bucketMs: number;
  readonly writes: readonly { readonly host: string; readonly counts: readonly number[] }[];
  readonly writeErrors: readonly number[];
  readonly freshReads: readonly number[];
  readonly readErrors: readonly number[];
  readonly transactions: readonly {
    readonly client: number;
    readonly beginMs: number;
    readonly endMs: number;
    readonly host: string;
    readonly isBroken: boolean;
  }[];
}

/** What of a drill is shown; src/operations/drill/failover/report.ts has it all. */
export interface ShownDrill {
  readonly cluster: string;
  readonly at: string;
  readonly profile: string;
  readonly title: string;
  readonly hosts: number;
  readonly clients: { readonly writers: number; readonly readers: number };
  readonly isSynchronous: boolean;
  readonly promised: { readonly best: number; readonly expected: number; readonly worst: number } | null;
  readonly rounds: readonly ShownRound[];
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
  readonly broken: readonly string[];
  readonly durationMs: number;
}
