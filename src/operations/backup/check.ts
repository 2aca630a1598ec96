import { pgbackrest, readRepository, readVersion } from '../../components/pgbackrest/client.ts';
import { repositoryComplaint, stanzaState } from '../../archive/repository-info.ts';
import type { Host } from '../../host/host.ts';
import { chosenHosts } from '../chosen-hosts.ts';
import type { ClusterSession } from '../cluster-session.ts';
import { leaderOf, readMembers } from '../switchover/look.ts';
import { backupSpecOf } from './session.ts';

export interface CheckedHost {
  readonly host: string;
  readonly role: 'primary' | 'standby';
  readonly version: string | null;
  /** What is wrong; null when the repository can be used from here, on the primary with a segment sent there. */
  readonly problem: string | null;
}

export interface BackupCheck {
  readonly cluster: string;
  readonly isSound: boolean;
  readonly hosts: readonly CheckedHost[];
}

const CHECK_DEADLINE_MS = 150_000;

/**
 * Proves that the repository can be used from every database host, and that a segment of WAL, finished for the purpose,
 * arrives there from the primary. https://pgbackrest.org/command.html#command-check
 *
 * @throws PgscaleError PGS_NO_BACKUP, PGS_NO_LEADER
 */
export async function checkBackups(session: ClusterSession): Promise<BackupCheck> {
  backupSpecOf(session.spec);
  const { cluster } = session.spec;
  const primary = leaderOf(await readMembers(session));
  const hosts = await Promise.all(
    chosenHosts(session.spec, { role: 'database' }).map(async ({ name }): Promise<CheckedHost> => {
      const host = session.fleet.hosts.get(name);
      const role = name === primary ? 'primary' : 'standby';
      if (host === undefined) return { host: name, role, version: null, problem: 'the host does not answer' };
      const [version, problem] = await Promise.all([
        readVersion(host),
        role === 'primary' ? archiveProblem(host, cluster) : readProblem(host, cluster),
      ]);
      return { host: name, role, version, problem };
    }),
  );
  const versions = new Set(hosts.flatMap(({ version }) => version ?? []));
  return { cluster, isSound: versions.size <= 1 && hosts.every(({ problem }) => problem === null), hosts };
}

async function archiveProblem(host: Host, stanza: string): Promise<string | null> {
  const answer = await host.run(pgbackrest(stanza, 'check', '--log-level-console=warn'), {
    deadlineMs: CHECK_DEADLINE_MS,
    okStatuses: 'any',
  });
  return answer.exitCode === 0 ? null : `${answer.stdout}\n${answer.stderr}`.trim();
}

async function readProblem(host: Host, stanza: string): Promise<string | null> {
  const answer = await readRepository(host, stanza);
  if (!answer.isThere) return answer.why;
  return stanzaState(answer.info) === 'there' ? null : repositoryComplaint(answer.info);
}
