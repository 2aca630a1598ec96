import { patchSharedConfig, readMember } from '../components/patroni/client.ts';
import { PgscaleError } from '../errors/pgscale-error.ts';
import { waitFor } from '../run/deadline.ts';
import type { HostSpec } from '../spec/schema.ts';
import { audited } from './audited.ts';
import { chosenHosts } from './chosen-hosts.ts';
import type { ClusterSession } from './cluster-session.ts';
import { leaderIn, readMembers } from './switchover/look.ts';

/** Whether Patroni keeps its hands off. */
export interface Maintenance {
  readonly isPaused: boolean;
  /** False when it was so already. */
  readonly isChanged: boolean;
  /** Null when nobody leads, as after the loss of the primary during a pause. */
  readonly primary: string | null;
}

const TAKEN_OVER_DEADLINE_MS = 60_000;

/**
 * Has Patroni not fail over, start or stop anything (pause), or do so again (resume), and returns when every member that
 * answers knows. Any Patroni will do. https://patroni.readthedocs.io/en/latest/pause.html
 * @throws PgscaleError PGS_NO_LEADER when no Patroni answers, PGS_REMOTE_ANSWER, PGS_WAIT_DEADLINE
 */
export async function setMaintenance(session: ClusterSession, isPaused: boolean): Promise<Maintenance> {
  const cluster = await readMembers(session);
  const primary = leaderIn(cluster) ?? null;
  if (cluster.pause === isPaused) return { isPaused, isChanged: false, primary };
  const command = isPaused ? 'pause' : 'resume';
  return audited(session, { command, changes: [`${command} Patroni`] }, async () => {
    await tellPatroni(session, { pause: isPaused ? true : null });
    const wait = { what: 'every member to know', deadlineMs: TAKEN_OVER_DEADLINE_MS };
    await waitFor(wait, async () =>
      (await answering(session)).every(({ pause }) => pause === isPaused) ? true : undefined,
    );
    return { isPaused, isChanged: true, primary };
  });
}

/** One after the other, until one of them has written it to etcd. */
async function tellPatroni(session: ClusterSession, patch: object): Promise<void> {
  let refusal: unknown = new PgscaleError('PGS_NO_LEADER', { what: 'no Patroni answers that could be told' });
  for (const { host } of await answering(session)) {
    try {
      await patchSharedConfig(session.host(host.name), { ...session, host }, patch);
      return;
    } catch (error) {
      refusal = error;
    }
  }
  throw refusal;
}

async function answering(session: ClusterSession): Promise<{ host: HostSpec; pause: boolean }[]> {
  const { spec, fleet } = session;
  const members = chosenHosts(spec, { role: 'database' }).map(async (host) => {
    const reader = fleet.hosts.get(host.name);
    const member = reader === undefined ? undefined : await readMember(reader, { spec, host }).catch(() => undefined);
    return member === undefined ? [] : [{ host, pause: member.pause }];
  });
  return (await Promise.all(members)).flat();
}
