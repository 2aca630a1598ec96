import type { Problem, SlotPicture } from '../../cluster/picture.ts';
import { slotPictures, slotProblems } from '../../cluster/slots.ts';
import type { ClusterSession } from '../cluster-session.ts';
import { leaderOf, readMembers } from '../switchover/look.ts';
import { readSlots } from './look.ts';
import { streamFrom } from './stages.ts';
import type { Stream } from '../../sql/stream.ts';

export interface CdcStatus {
  readonly primary: string;
  readonly slots: readonly SlotPicture[];
  readonly problems: readonly Problem[];
}

/** A stream of the spec, and whether the primary has its slot. */
export interface StreamView extends Stream {
  readonly hasSlot: boolean;
}

/** The logical slots as the members have them. @throws PgscaleError PGS_NO_LEADER */
export async function readCdcStatus(session: ClusterSession): Promise<CdcStatus> {
  const primary = leaderOf(await readMembers(session));
  const members = await readSlots(session);
  const slots = slotPictures(session.spec, primary, members);
  return { primary, slots, problems: slotProblems(session.spec, slots, members.has(primary)) };
}

/** The streams of the spec, with what the primary has of them. @throws PgscaleError PGS_NO_LEADER */
export async function readStreams(session: ClusterSession): Promise<StreamView[]> {
  const primary = leaderOf(await readMembers(session));
  const slots = (await readSlots(session)).get(primary) ?? [];
  return session.spec.cdc.map((each) => {
    return { ...streamFrom(each, session.spec), hasSlot: slots.some(({ name }) => name === each.name) };
  });
}
