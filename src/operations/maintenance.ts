import { patchSharedConfig, readMember } from '../components/patroni/client.ts';
import { waitFor } from '../run/deadline.ts';
import { audited } from './audited.ts';
import { chosenHosts } from './chosen-hosts.ts';
import type { ClusterSession } from './cluster-session.ts';
import { leaderOf, readMembers } from './switchover/look.ts';

/** Whether Patroni keeps its hands off. */
export interface Maintenance {
  readonly isPaused: boolean;
  /** False when it was so already. */
  readonly isChanged: boolean;
  readonly primary: string;
}

const TAKEN_OVER_DEADLINE_MS = 60_000;

/**
 * Has Patroni not fail over, start or stop anything (pause), or do so again (resume), and returns when every member that
 * answers knows. https://patroni.readthedocs.io/en/latest/pause.html
 * @throws PgscaleError PGS_NO_LEADER, PGS_REMOTE_ANSWER, PGS_WAIT_DEADLINE
 */
export async function setMaintenance(session: ClusterSession, isPaused: boolean): Promise<Maintenance> {
  const cluster = await readMembers(session);
  const primary = leaderOf(cluster);
  const [host] = chosenHosts(session.spec, { names: [primary] });
  if (host === undefined || cluster.pause === isPaused) return { isPaused: cluster.pause, isChanged: false, primary };
  const command = isPaused ? 'pause' : 'resume';
  return audited(session, { command, changes: [`${command} Patroni`] }, async () => {
    await patchSharedConfig(session.host(primary), { ...session, host }, { pause: isPaused ? true : null });
    const wait = { what: 'every member to know', deadlineMs: TAKEN_OVER_DEADLINE_MS };
    await waitFor(wait, async () => ((await states(session)).every((state) => state === isPaused) ? true : undefined));
    return { isPaused, isChanged: true, primary };
  });
}

async function states(session: ClusterSession): Promise<boolean[]> {
  const { spec, fleet } = session;
  const members = chosenHosts(spec, { role: 'database' }).map(async (host) => {
    const reader = fleet.hosts.get(host.name);
    return reader === undefined ? undefined : readMember(reader, { spec, host });
  });
  return (await Promise.all(members)).flatMap((member) => member?.pause ?? []);
}
