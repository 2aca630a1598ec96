import { readMember } from '../../components/patroni/client.ts';
import { resumedWithinSeconds } from '../../components/pgbouncer/valve.ts';
import { messageOf } from '../../errors/message.ts';
import { normalise } from '../../errors/normalise.ts';
import { PgscaleError, PgscaleErrors } from '../../errors/pgscale-error.ts';
import { leaseSeconds } from '../../spec/lease.ts';
import type { ClusterSession } from '../cluster-session.ts';
import { leaderIn, readMembers } from './look.ts';

/** Adds to an error who leads now and whose clients go on: this is what they meet. */
export async function whereItStands(
  session: ClusterSession,
  { from, silent }: { from: string; silent: readonly string[] },
  error: unknown,
): Promise<PgscaleError | PgscaleErrors> {
  const [first, ...rest] = normalise(error, 'switchover');
  const stand = await leadership(session, from).catch(messageOf);
  const told = new PgscaleError(first.code, {
    what: first.message,
    ...(first.host === undefined ? {} : { host: first.host }),
    why: [first.why, `${stand}; ${resumedText(silent, resumedWithinSeconds(session.spec))}`]
      .filter((line) => line !== undefined)
      .join('\n'),
    next: first.next,
    details: first.details,
    cause: error,
  });
  return rest.length === 0 ? told : new PgscaleErrors([told, ...rest]);
}

/** The others name as the leader who holds the key, dead or not, until its lease ends: so it is asked itself. */
async function leadership(session: ClusterSession, from: string): Promise<string> {
  const { spec, fleet } = session;
  const leader = leaderIn(await readMembers(session));
  if (leader === undefined) return 'no member leads at this moment (pgscale why)';
  const host = spec.hosts.find(({ name }) => name === leader);
  const reader = fleet.hosts.get(leader);
  const member =
    host === undefined || reader === undefined
      ? undefined
      : await readMember(reader, { spec, host }).catch(() => undefined);
  if (member?.role === 'primary' && member.state === 'running')
    return leader === from ? `${leader} is still the primary` : `${leader} is the primary now`;
  const seen = member === undefined ? 'does not answer' : `is ${member.state} as ${member.role}`;
  return `${leader} holds the leader key but ${seen}: another one takes over within ${leaseSeconds(spec)} s if it is gone (pgscale why)`;
}

function resumedText(silent: readonly string[], seconds: number): string {
  if (silent.length === 0) return 'all poolers are resumed';
  return `no answer from the poolers on ${silent.join(', ')}, which resume by themselves within ${seconds} s; all others are resumed`;
}
