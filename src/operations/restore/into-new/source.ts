import { readStanzaState, type ForeignArchive } from '../../../components/pgbackrest/client.ts';
import { sourceResources } from '../../../components/pgbackrest/resources.ts';
import { PgscaleError } from '../../../errors/pgscale-error.ts';
import { sh } from '../../../host/command.ts';
import type { Host } from '../../../host/host.ts';
import { converge } from '../../../resources/converge.ts';
import type { Progress } from '../../../resources/resource.ts';
import { PGBACKREST } from '../../../spec/layout.ts';
import type { Spec } from '../../../spec/schema.ts';
import type { ClusterSession } from '../../cluster-session.ts';
import type { HostSurvey } from '../../survey.ts';
import { sideDirectory } from '../../../spec/restore-places.ts';
import { INTO_NEW } from '../side.ts';

/** The archive of a cluster, as it is reached from a host of another one. Pure. */
export function sourceArchive({ cluster }: Spec): ForeignArchive {
  return { stanza: cluster, configFile: PGBACKREST.source.configFile };
}

/** Gives a host pgBackRest and the way into the archive of another cluster, until the restore has ended. */
export async function openSource(
  source: ClusterSession,
  { host, target }: HostSurvey,
  progress: Progress,
): Promise<void> {
  const spool = `${sideDirectory(target.spec, INTO_NEW)}/spool`;
  await converge(host, sourceResources(source, target.facts.cpuCount, spool), progress);
}

/** Takes the way into the other archive off the host. */
export async function closeSource(host: Host): Promise<void> {
  await host.run(sh`rm -f -- ${Object.values(PGBACKREST.source)}`);
}

/**
 * The archive of the new cluster has to be empty: that of an earlier one would have other WAL under the same names.
 * @throws PgscaleError PGS_RESTORE_NEW
 */
export async function refuseArchive(host: Host, { cluster, backup }: Spec): Promise<void> {
  if (backup === undefined || (await readStanzaState(host, cluster)) !== 'there') return;
  throw new PgscaleError('PGS_RESTORE_NEW', {
    what: `the repository has an archive of ${cluster} already`,
    host: host.name,
    why: `in ${backup.repository.path}`,
    next: ['Give the new cluster another name, or another `backup.repository.path`.'],
  });
}
