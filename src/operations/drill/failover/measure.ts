import type { Acknowledgement } from '../workload/ledger-writer.ts';
import type { ClientError } from '../workload/client-error.ts';
import type { FreshRead } from '../workload/read-prober.ts';
import type { ReadTransaction } from '../workload/read-holder.ts';
import { bucketCounts, longestGap } from '../statistics.ts';
import type { ReadsInFlight, RoundPicture } from './report.ts';

/** What the clients saw in one round, in ms since 1970. */
export interface Observed {
  readonly faultMs: number;
  readonly endMs: number;
  /** The primary's address when the fault came. */
  readonly victim: string;
  readonly acknowledged: readonly Acknowledgement[];
  readonly writeErrors: readonly ClientError[];
  readonly freshReads: readonly FreshRead[];
  readonly readErrors: readonly ClientError[];
  readonly transactions: readonly ReadTransaction[];
}

/** The host at an address. */
type NameOf = (address: string) => string;

/** Until another server acknowledged a write; where none did, the longest gap. Undefined: no write came any more. Pure. */
export function writeOutageMs({ acknowledged, faultMs, endMs, victim }: Observed): number | undefined {
  const elsewhere = acknowledged.find(({ atMs, server }) => atMs > faultMs && server !== victim);
  if (elsewhere !== undefined) return elsewhere.atMs - faultMs;
  const moments = acknowledged.map(({ atMs }) => atMs);
  if (!moments.some((atMs) => atMs > faultMs)) return undefined;
  return longestGap(moments, faultMs, endMs);
}

/** Until a client that came after the fault had its answer. Pure. */
export function firstReadMs({ freshReads, faultMs }: Observed): number | undefined {
  const first = freshReads.find(({ beginMs }) => beginMs >= faultMs);
  return first === undefined ? undefined : first.endMs - faultMs;
}

export function longestReadGapMs({ freshReads, faultMs, endMs }: Observed): number {
  return longestGap(
    freshReads.map(({ endMs: atMs }) => atMs),
    faultMs,
    endMs,
  );
}

/** Only standbys that the fault did not hit: a read on the lost host itself cannot go on. Pure. */
export function readsInFlight({ transactions, faultMs, victim }: Observed, nameOf: NameOf): ReadsInFlight {
  const onHealthy = transactions.filter(({ server, isStandby }) => isStandby && server !== victim);
  const isOpen = ({ beginMs, endMs }: ReadTransaction): boolean =>
    beginMs <= faultMs && (endMs === undefined || endMs >= faultMs);
  const watched = onHealthy.filter(({ endMs }) => endMs === undefined || endMs >= faultMs);
  const broken = watched.filter((each) => each.broken !== undefined);
  const breaks = broken.filter(({ door }) => door !== victim);
  return {
    watched: watched.length,
    atFault: onHealthy.filter(isOpen).length,
    interrupted: breaks.length,
    lostWithProxy: broken.length - breaks.length,
    breaks: breaks.map(({ endMs, server, door, broken: kind }) => ({
      ms: (endMs ?? faultMs) - faultMs,
      host: nameOf(server),
      proxy: nameOf(door),
      kind: kind ?? '',
    })),
  };
}

const BUCKET_MS = 200;
const BEFORE_MS = 2000;

/** What the timeline shows; times count from the fault. Pure. */
export function pictureOf(seen: Observed, nameOf: NameOf): RoundPicture {
  const { faultMs, endMs } = seen;
  const frame = { fromMs: -BEFORE_MS, toMs: endMs - faultMs, bucketMs: BUCKET_MS };
  const counts = (moments: readonly number[]): number[] =>
    bucketCounts(
      moments.map((each) => each - faultMs),
      frame,
    );
  const times = (errors: readonly { atMs: number }[]): number[] => errors.map(({ atMs }) => atMs);
  const servers = [...new Set(seen.acknowledged.map(({ server }) => server))];
  return {
    ...frame,
    writes: servers.map((server) => ({
      host: nameOf(server),
      counts: counts(times(seen.acknowledged.filter((each) => each.server === server))),
    })),
    writeErrors: counts(times(seen.writeErrors)),
    freshReads: counts(seen.freshReads.map((each) => each.endMs)),
    readErrors: counts(times(seen.readErrors)),
    transactions: seen.transactions
      .map((each) => ({
        client: each.client,
        beginMs: each.beginMs - faultMs,
        endMs: (each.endMs ?? endMs) - faultMs,
        host: nameOf(each.server),
        isBroken: each.broken !== undefined,
      }))
      .filter((each) => each.endMs > frame.fromMs),
  };
}
