import { patchSharedConfig } from '../../components/patroni/client.ts';
import { sharedConfig } from '../../components/patroni/shared-config.ts';
import { PgscaleError } from '../../errors/pgscale-error.ts';
import { waitFor } from '../../run/deadline.ts';
import type { Step } from '../../run/step.ts';
import { hostsWithRole } from '../../spec/topology.ts';
import { readRows } from '../../sql/psql.ts';
import { PHYSICAL_SLOTS, slotOfMember } from '../../sql/slot.ts';
import type { ClusterSession } from '../cluster-session.ts';
import { deletePatroniKeys } from '../patroni-keys.ts';
import { leaderOf, readMembers } from '../switchover/look.ts';

const SLOT_DEADLINE_MS = 60_000;

/**
 * Has Patroni forget a member: its key in etcd, and the replication slot that the primary keeps for members that are away
 * (`member_slots_ttl`, six hours). The slot goes when that time is a second for one loop, which is safe only while every
 * other member is there.
 *
 * @param session with the spec that the member is not part of any more
 */
export function forgetStep(session: ClusterSession, member: string): Step {
  return {
    id: `forget:${member}`,
    title: `Forget ${member} in Patroni and its replication slot`,
    deadlineMs: SLOT_DEADLINE_MS + 60_000,
    run: async (report, signal) => {
      await deletePatroniKeys(session, [`members/${member}`]);
      if (!(await hasSlot(session, member))) return;
      const absent = await absentMembers(session);
      if (absent.length > 0) {
        report(`${absent.join(', ')} is away; the slot goes by itself after six hours`);
        return;
      }
      await keepSlotsFor(session, '1s');
      try {
        const wait = { what: `the slot of ${member} to go`, deadlineMs: SLOT_DEADLINE_MS, pollMs: 500, signal };
        await waitFor(wait, async () => ((await hasSlot(session, member)) ? undefined : true));
      } finally {
        await keepSlotsFor(session, sharedConfig(session.spec).member_slots_ttl);
      }
    },
  };
}

async function hasSlot(session: ClusterSession, member: string): Promise<boolean> {
  const primary = session.host(leaderOf(await readMembers(session)));
  const rows = await readRows(primary, { port: session.spec.postgres.port, name: 'postgres' }, PHYSICAL_SLOTS);
  return (rows ?? []).some(({ name }) => name === slotOfMember(member));
}

async function absentMembers(session: ClusterSession): Promise<string[]> {
  const { members } = await readMembers(session);
  return hostsWithRole(session.spec, 'database')
    .filter(({ name }) => !members.some((each) => each.name === name))
    .map(({ name }) => name);
}

async function keepSlotsFor(session: ClusterSession, ttl: string): Promise<void> {
  const name = leaderOf(await readMembers(session));
  const host = session.spec.hosts.find((each) => each.name === name);
  if (host === undefined) throw new PgscaleError('PGS_NO_LEADER', { what: `${name} leads and is not in the spec` });
  await patchSharedConfig(session.host(name), { ...session, host }, { member_slots_ttl: ttl });
}
