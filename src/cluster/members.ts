import type { HostSpec, Spec } from '../spec/schema.ts';
import { hostsWithRole } from '../spec/topology.ts';
import type { MemberRow } from '../sql/member.ts';
import type { Replication } from '../sql/replication.ts';
import type { HostReport } from './host-report.ts';
import type { MemberPicture } from './picture.ts';

export type Reports = ReadonlyMap<string, HostReport>;

/** The host whose PostgreSQL takes writes: what the servers say counts before what Patroni says. Pure. */
export function primariesOf(reports: Reports): HostReport[] {
  return [...reports.values()].filter((each) => each.member?.isInRecovery === false);
}

/** Every member of the spec as the hosts and the primary see it. Pure. */
export function memberPictures(spec: Spec, reports: Reports): MemberPicture[] {
  const [primary] = primariesOf(reports);
  return hostsWithRole(spec, 'database').map((host) => memberPicture(host, reports, primary));
}

function memberPicture(host: HostSpec, reports: Reports, primary: HostReport | undefined): MemberPicture {
  const report = reports.get(host.name);
  const fed = primary?.member?.replication.find(({ name }) => name === host.name);
  return {
    name: host.name,
    zone: host.zone,
    isReachable: report !== undefined && report.unreachable === undefined,
    state: stateOf(host, reports),
    ...ownView(report?.member, fed !== undefined),
    ...fedView(fed),
  };
}

type OwnView = Pick<
  MemberPicture,
  'role' | 'timeline' | 'connections' | 'connectionsMax' | 'pendingRestart' | 'version'
>;

/** What the member says of itself; one that does not answer is a standby if the primary feeds it. */
function ownView(row: MemberRow | undefined, isFed: boolean): OwnView {
  if (row === undefined) {
    return {
      role: isFed ? 'standby' : null,
      timeline: null,
      connections: null,
      connectionsMax: null,
      pendingRestart: [],
      version: null,
    };
  }
  const { timeline, connections, connectionsMax, pendingRestart, serverVersion } = row;
  const role = row.isInRecovery ? 'standby' : 'primary';
  return { role, timeline, connections, connectionsMax, pendingRestart, version: serverVersion.split(' ')[0] ?? null };
}

/** What the primary says of the member. */
function fedView(fed: Replication | undefined): Pick<MemberPicture, 'sync' | 'lagBytes' | 'lagSeconds'> {
  if (fed === undefined) return { sync: null, lagBytes: null, lagSeconds: null };
  return { sync: fed.syncState, lagBytes: fed.replayLagBytes, lagSeconds: fed.replayLagSeconds ?? 0 };
}

/** The host's own Patroni says it best; of one that does not answer, the others know what the DCS has. */
function stateOf(host: HostSpec, reports: Reports): string | null {
  const all = [...reports.values()].flatMap((each) => each.patroni?.members ?? []);
  const known = all.find(({ name }) => name === host.name)?.state;
  const own = reports.get(host.name)?.patroni;
  if (own === undefined) return known === undefined ? null : `${known}?`;
  return own.state === 'running' && known !== undefined ? known : own.state;
}
