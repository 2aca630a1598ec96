import type { HostSpec, Spec } from '../../../spec/schema.ts';
import { countKinds } from '../workload/client-error.ts';
import { firstReadMs, longestReadGapMs, pictureOf, readsInFlight, writeOutageMs, type Observed } from './measure.ts';
import type { Round, RoundTimes } from './report.ts';

/** All that is known of a round when it is over. */
export interface RoundFacts {
  readonly number: number;
  readonly target: HostSpec;
  readonly at: Date;
  /** Who leads at the end; null: the cluster did not become whole again. */
  readonly primary: string | null;
  readonly undoneMs: number | null;
  readonly redundantMs: number | null;
  /** What was still missing when the deadline was over. */
  readonly missing: string | undefined;
  readonly seen: Observed;
}

/** Makes a round of what the clients saw, and says which promises were broken. Pure. */
export function assess(facts: RoundFacts, lost: readonly number[], spec: Spec): Round {
  const { seen, target } = facts;
  const nameOf = (address: string): string => spec.hosts.find((host) => host.address === address)?.name ?? address;
  const since = <T extends { readonly atMs: number }>(all: readonly T[]): T[] =>
    all.filter(({ atMs }) => atMs >= seen.faultMs);
  const times: RoundTimes = {
    writeMs: writeOutageMs(seen) ?? null,
    readMs: firstReadMs(seen) ?? null,
    longestReadGapMs: longestReadGapMs(seen),
    undoneMs: facts.undoneMs,
    redundantMs: facts.redundantMs,
  };
  const round = {
    number: facts.number,
    at: facts.at.toISOString(),
    victim: target.name,
    primary: facts.primary,
    times,
    acknowledged: seen.acknowledged.length,
    lost: lost.length,
    writeErrors: countKinds(since(seen.writeErrors)),
    readErrors: countKinds(since(seen.readErrors)),
    reads: readsInFlight(seen, nameOf),
    cameBack: facts.redundantMs !== null,
    picture: pictureOf(seen, nameOf),
  };
  return { ...round, broken: brokenPromises(round, facts, spec.replication.synchronous > 0) };
}

function brokenPromises(
  { times, lost, reads, victim }: Omit<Round, 'broken'>,
  { missing, seen }: RoundFacts,
  isSynchronous: boolean,
): string[] {
  const waitedSeconds = Math.round((seen.endMs - seen.faultMs) / 1000);
  return [
    ...(times.writeMs === null ? [`nobody took a write within ${waitedSeconds} s`] : []),
    ...(times.readMs === null ? [`no new client could read within ${waitedSeconds} s`] : []),
    ...(lost > 0 && isSynchronous ? [`${lost} acknowledged commits are lost`] : []),
    ...reads.breaks.map(
      ({ ms, host, proxy, kind }) =>
        `a read on ${host} through ${proxy} was interrupted after ${(ms / 1000).toFixed(1)} s: ${kind}`,
    ),
    ...(times.redundantMs === null ? [`${victim} needed a hand: ${missing ?? 'the cluster is not whole'}`] : []),
  ];
}
