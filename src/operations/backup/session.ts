import { backupMember } from '../../archive/backup-member.ts';
import { PgscaleError } from '../../errors/pgscale-error.ts';
import type { Host } from '../../host/host.ts';
import type { Spec } from '../../spec/schema.ts';
import { chosenHosts } from '../chosen-hosts.ts';
import { connectedDatabaseHosts, type ClusterSession } from '../cluster-session.ts';
import { readMembers } from '../switchover/look.ts';

export type BackupSpec = NonNullable<Spec['backup']>;

/** What the spec says of backups. @throws PgscaleError PGS_NO_BACKUP */
export function backupSpecOf({ cluster, backup }: Spec): BackupSpec {
  if (backup !== undefined) return backup;
  throw new PgscaleError('PGS_NO_BACKUP', { what: `the spec of ${cluster} has no \`backup\`` });
}

/** A database host that answers, to ask the repository from: any will do. @throws PgscaleError PGS_HOST_UNREACHABLE */
export function repositoryReader(session: ClusterSession): Host {
  const [first] = connectedDatabaseHosts(session);
  if (first !== undefined) return first;
  throw new PgscaleError('PGS_HOST_UNREACHABLE', { what: 'no database host answers' });
}

/**
 * The host that makes a backup now: the one that was asked for, else a standby that streams, else the primary.
 * @throws PgscaleError PGS_NO_LEADER, PGS_MEMBER_UNKNOWN, PGS_HOST_UNREACHABLE
 */
export async function backupHost(session: ClusterSession, wanted: string | undefined): Promise<Host> {
  const { members } = await readMembers(session);
  const answering = members.filter(({ name }) => session.fleet.hosts.has(name));
  const name = wanted ?? backupMember(answering);
  const [chosen] = name === undefined ? [] : chosenHosts(session.spec, { names: [name], role: 'database' });
  if (chosen !== undefined) return session.host(chosen.name);
  throw new PgscaleError('PGS_NO_LEADER', { what: 'no member could be backed up' });
}
