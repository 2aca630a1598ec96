import { isSamePlace } from '../../../components/pgbackrest/same-place.ts';
import { PgscaleError } from '../../../errors/pgscale-error.ts';
import { sh } from '../../../host/command.ts';
import type { Spec } from '../../../spec/schema.ts';
import { dataDirectory } from '../../../spec/topology.ts';
import { connectedDatabaseHosts, type ClusterSession } from '../../cluster-session.ts';
import type { Copy } from '../in-place/state.ts';
import { isAsked } from '../side.ts';

/** Why a cluster cannot be made out of another one's archive, by their specs; undefined when nothing is in the way. Pure. */
export function misfit(source: Spec, next: Spec): string | undefined {
  const taken = new Map(
    source.hosts.flatMap(({ name, address, sshAddress }) => [[address, name] as const, [sshAddress, name] as const]),
  );
  const shared = next.hosts.flatMap(({ name, address, sshAddress }) => {
    const found = taken.get(address) ?? taken.get(sshAddress);
    return found === undefined ? [] : [`${name} (${address}) is ${found} of ${source.cluster}`];
  });
  if (shared.length > 0) return shared.join('\n');
  if (source.backup === undefined || next.backup === undefined || source.cluster !== next.cluster) return undefined;
  if (!isSamePlace(source.backup.repository, next.backup.repository)) return undefined;
  return `both archive as ${next.cluster} in ${next.backup.repository.path} of the same repository: the new cluster would write among the WAL of the old one`;
}

/** @throws PgscaleError PGS_RESTORE_NEW */
export function refuseMisfit(source: Spec, next: Spec): void {
  const why = misfit(source, next);
  if (why === undefined) return;
  throw new PgscaleError('PGS_RESTORE_NEW', { what: `${source.cluster} cannot be restored into this spec`, why });
}

/** Only what this command has begun is gone on with. @throws PgscaleError PGS_RESTORE_NEW */
export async function refuseBegun(
  session: ClusterSession,
  begun: Copy | undefined,
  wanted: { host: string; target: string; timeline: number | undefined },
): Promise<void> {
  const { spec } = session;
  if (begun === undefined) return refuseData(session);
  const { host, side } = begun;
  if (isAsked(side, wanted) && host.name === wanted.host) return;
  throw new PgscaleError('PGS_RESTORE_NEW', {
    what: `a restore to another moment is not finished on ${host.name} (${side.target}, timeline ${side.timeline})`,
    host: host.name,
    next: [
      `run that one again: it ends what is left`,
      `or begin anew: pgscale restore drop ${side.name} and pgscale destroy, both with --config and the spec of ${spec.cluster}`,
    ],
  });
}

async function refuseData({ spec, fleet }: ClusterSession): Promise<void> {
  const directory = dataDirectory(spec);
  const hosts = connectedDatabaseHosts({ spec, fleet });
  const listings = await Promise.all(hosts.map((host) => host.read(sh`ls -A ${directory} 2>/dev/null | head -n 1`)));
  const full = hosts.filter((_, index) => listings[index]?.stdout !== '').map(({ name }) => name);
  if (full.length === 0) return;
  throw new PgscaleError('PGS_RESTORE_NEW', {
    what: `${spec.cluster} has data already`,
    why: `${directory} on ${full.join(', ')} is not empty`,
    next: ['Restore into hosts without data; pgscale destroy empties those of a cluster that is not needed.'],
  });
}
