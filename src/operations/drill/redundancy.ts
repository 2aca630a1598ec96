import type { Problem } from '../../cluster/picture.ts';
import { KEEPALIVED, PATRONI } from '../../spec/layout.ts';
import type { ClusterSession } from '../cluster-session.ts';
import { readStatus } from '../status.ts';

/** What each member, vote and door needs: all problems of these. */
const PARTS = /^(?:endpoint|etcd|host|member|patroni|pooler|proxy|standby|vip)-/u;
/** And these of the cluster as a whole. */
const WHOLE = new Set([
  'disk-full',
  'durability',
  'failsafe',
  'lag',
  'no-leader',
  'paused',
  'timeline',
  'two-primaries',
]);
const UNITS = new Set<string | undefined>([PATRONI.unit, KEEPALIVED.unit]);

/** Who leads, and what is missing: nothing when every member, every vote and every door is there. */
export interface Redundancy {
  readonly leader: string | null;
  readonly problems: readonly Problem[];
}

/** Asks all hosts. The session's hosts are connected to again where that is needed. */
export async function readRedundancy(session: ClusterSession): Promise<Redundancy> {
  const { leader, problems } = await readStatus(session);
  return { leader, problems: problems.filter(costsRedundancy) };
}

/**
 * Whether a copy of the data is missing, a vote, or a way to the primary. Backups, partitions, streams, certificates and
 * settings that wait are none of them. Pure.
 */
export function costsRedundancy({ id, severity, unit }: Problem): boolean {
  if (severity !== 'degraded') return false;
  return PARTS.test(id) || WHOLE.has(id) || (id === 'unit-down' && UNITS.has(unit));
}

/** `pg2: the standby does not stream …`, a line each. Pure. */
export function problemLines(problems: readonly Problem[]): string[] {
  return problems.map(({ host, text }) => (host === undefined ? text : `${host}: ${text}`));
}
