import { readMember } from '../../components/patroni/client.ts';
import { waitFor } from '../../run/deadline.ts';
import type { Report } from '../../run/step.ts';
import type { ClusterSession } from '../cluster-session.ts';

/** A former primary starts anew as a standby, which may mean a pg_rewind or a copy. */
export const FOLLOW_DEADLINE_MS = 120_000;

/** Waits until the former primary streams from the new one. */
export async function follow(
  session: ClusterSession,
  name: string,
  report: Report,
  signal: AbortSignal,
): Promise<void> {
  const host = session.spec.hosts.find((each) => each.name === name);
  if (host === undefined) return;
  let seen = 'no answer';
  const wait = { what: `${name} to follow`, host: name, deadlineMs: FOLLOW_DEADLINE_MS, signal, why: async () => seen };
  await waitFor(wait, async () => {
    const member = await readMember(session.host(name), { spec: session.spec, host });
    seen = member === undefined ? 'no answer' : `${member.role}, ${member.replication_state ?? member.state}`;
    report(seen);
    return member?.role === 'replica' && member.replication_state === 'streaming' ? member : undefined;
  });
}
