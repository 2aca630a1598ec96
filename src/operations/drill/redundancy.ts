import type { Problem } from '../../cluster/picture.ts';
import type { ClusterSession } from '../cluster-session.ts';
import { readStatus } from '../status.ts';

/** Wrong, but it neither costs a copy of the data nor a way to it. */
const HARMLESS = new Set(['certificate', 'pending-restart']);

/** Who leads, and what is missing: nothing when every member, every vote and every door is there. */
export interface Redundancy {
  readonly leader: string | null;
  readonly problems: readonly Problem[];
}

/** Asks all hosts. The session's hosts are connected to again where that is needed. */
export async function readRedundancy(session: ClusterSession): Promise<Redundancy> {
  const { leader, problems } = await readStatus(session);
  return { leader, problems: problems.filter(({ id, severity }) => severity === 'degraded' && !HARMLESS.has(id)) };
}

/** `pg2: the standby does not stream …`, a line each. Pure. */
export function problemLines(problems: readonly Problem[]): string[] {
  return problems.map(({ host, text }) => (host === undefined ? text : `${host}: ${text}`));
}
