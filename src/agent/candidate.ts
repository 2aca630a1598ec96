import * as z from 'zod/mini';

import { readPosition, restAccess, type Position } from './patroni-rest.ts';

/** What the check of a candidate is told: /etc/pgscale/patroni/candidate.json. */
export const candidateSettings = z.object({
  /** Patroni of this host. */
  rest: restAccess,
  others: z.array(z.object({ member: z.string(), url: z.string() })),
});
export type CandidateSettings = z.output<typeof candidateSettings>;

/** Clients wait meanwhile: a host that is away must not cost them much. */
const OTHERS_MS = 1000;
const OWN_MS = 5000;

/**
 * What Patroni runs before it promotes the candidate of a switchover (`pre_promote`). Patroni gives the lead to a candidate that
 * was named however far it is: one that died after the request and came back has missed what another standby has confirmed since
 * (docs/decisions/switchover.md). Who cannot be asked does not count: nobody could take over from there either.
 *
 * @returns false when another member has more: then Patroni gives the lease back, and whoever has it all takes over
 * @throws Error when Patroni of this host does not answer
 */
export async function mayLead({ rest, others }: CandidateSettings, log: (text: string) => void): Promise<boolean> {
  const [own, ...found] = await Promise.all([
    readPosition(rest, OWN_MS),
    ...others.map(async ({ member, url }) => {
      const position = await readPosition({ ...rest, url }, OTHERS_MS).catch(() => undefined);
      return position === undefined ? undefined : { member, ...position };
    }),
  ]);
  const ahead = membersAhead(
    own,
    found.filter((each) => each !== undefined),
  );
  log(ahead.length > 0 ? `not promoted: ${ahead.join(', ')} ahead of this member` : 'nobody who answers is ahead');
  return ahead.length === 0;
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
