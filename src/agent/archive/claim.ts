import { setTimeout as sleep } from 'node:timers/promises';

import { EtcdGateway } from '../etcd-gateway.ts';
import type { ArchiveSettings } from './settings.ts';
import { turnOf } from './turn.ts';

/** A member that is up takes its turn within this time. */
const TURN_MS = 15_000;
/** Two of the same schedule are further apart. */
const SLOT_MS = 600_000;
const CLAIM_SECONDS = 3600;

/**
 * What the timers of all members start at the same time is done by one of them, whoever leads by now: the first one whose
 * turn it is claims the slot in etcd; where it is down, the next one does. False for the others.
 *
 * @param what `backup`, `drill`: each has slots of its own
 * @param behindMs how long this one lets others of the same slot go before it, on each member; less than a turn
 * @throws Error when etcd does not answer
 */
export async function claimSlot(
  { stanza, member, etcd: access }: ArchiveSettings,
  what: string,
  log: (text: string) => void,
  behindMs = 0,
): Promise<boolean> {
  const slot = Math.round(Date.now() / SLOT_MS);
  const etcd = new EtcdGateway(access);
  const turn = turnOf(await etcd.keys(), access.prefix, member);
  if (turn === undefined) {
    log(`this member is not fit for a ${what}`);
    return false;
  }
  await sleep(turn * TURN_MS + behindMs);
  const isOurs = await etcd.claim(`/pgscale-${what}/${stanza}/${slot}`, member, CLAIM_SECONDS);
  if (!isOurs) log(`another member makes this ${what}`);
  return isOurs;
}
