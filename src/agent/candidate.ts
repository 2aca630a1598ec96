import * as z from 'zod/mini';

import { readPosition, restAccess, type Position } from './patroni-rest.ts';

/** What the check of a candidate is told: /etc/pgscale/patroni/candidate.json. */
export const candidateSettings = z.object({
  /** Patroni of this host. */
  rest: restAccess,
  others: z.array(z.object({ member: z.string(), url: z.string() })),
});
export type CandidateSettings = z.output<typeof candidateSettings>;

/**
 * What Patroni runs before it promotes the candidate of a switchover (`pre_promote`). Patroni gives the lead to a candidate that
 * was named however far it is: one that died after the request and came back has missed what another standby has confirmed since
 * (docs/decisions/switchover.md). Who cannot be asked does not count: nobody could take over from there either.
 *
 * @throws Error when another member has more; then Patroni gives the lease back, and whoever has it all takes over
 */
export async function mayLead({ rest, others }: CandidateSettings, log: (text: string) => void): Promise<void> {
  const [own, ...found] = await Promise.all([
    readPosition(rest),
    ...others.map(async ({ member, url }) => {
      const position = await readPosition({ ...rest, url }).catch(() => undefined);
      return position === undefined ? undefined : { member, ...position };
    }),
  ]);
  const ahead = membersAhead(
    own,
    found.filter((each) => each !== undefined),
  );
  if (ahead.length > 0) throw new Error(`not promoted: ${ahead.join(', ')} has more than this member`);
  log('nobody who answers has more than this member');
}

/** The members that have WAL beyond ours; what is left of an older timeline does not count. Pure. */
export function membersAhead(
  own: Position,
  others: readonly (Position & { readonly member: string })[],
): readonly string[] {
  return others
    .filter(({ timeline, bytes }) => (timeline ?? Infinity) >= (own.timeline ?? 0) && bytes > own.bytes)
    .map(({ member }) => member);
}
