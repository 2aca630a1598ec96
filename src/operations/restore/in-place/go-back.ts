import { PgscaleError, throwRejected } from '../../../errors/pgscale-error.ts';
import { cmd } from '../../../host/command.ts';
import type { Host } from '../../../host/host.ts';
import { POSTGRES } from '../../../spec/layout.ts';
import { dataDirectory, hostsWithRole } from '../../../spec/topology.ts';
import { connectedDatabaseHosts, type ClusterSession } from '../../cluster-session.ts';
import { resumePoolers } from '../../pooler.ts';
import { againCommand } from '../request.ts';
import { IN_PLACE } from '../../../spec/restore-places.ts';
import { startScript } from './scripts.ts';
import { findCopy } from './state.ts';

/**
 * Lets every member that can be reached go on with the data that it had, which is untouched until the copy is in place.
 *
 * @returns the hosts that are away, whose members stay as they are
 * @throws PgscaleError PGS_RESTORE_FAILED when it is, PGS_HOST_UNREACHABLE when the host that led is away
 */
export async function goBack(session: ClusterSession): Promise<string[]> {
  const begun = await findCopy(session, IN_PLACE);
  if (begun?.phase === 'swapped') {
    throw new PgscaleError('PGS_RESTORE_FAILED', {
      what: `the restored data is in place on ${begun.host.name} already`,
      host: begun.host.name,
      next: [`${againCommand(begun.side)}: it ends what is left`],
    });
  }
  const hosts = connectedDatabaseHosts(session);
  const away = hostsWithRole(session.spec, 'database')
    .map(({ name }) => name)
    .filter((name) => !hosts.some((host) => host.name === name));
  if (away.length > 0) await refuseLeaderless(session, hosts, away);
  const started = await Promise.allSettled(
    hosts.map((host) => host.run({ script: startScript() }, { deadlineMs: 60_000 })),
  );
  await Promise.allSettled(hosts.map(({ name }) => resumePoolers(session, [name])));
  throwRejected(started);
  return away;
}

/** Standbys alone would make one of them the primary, which may have less than the one that led. */
async function refuseLeaderless(
  { spec }: ClusterSession,
  hosts: readonly Host[],
  away: readonly string[],
): Promise<void> {
  const look = cmd('env', 'LC_ALL=C', `${POSTGRES.binDirectory}/pg_controldata`, dataDirectory(spec));
  const answers = await Promise.all(hosts.map((host) => host.read(look)));
  if (answers.some(({ stdout }) => isPrimaryData(stdout))) return;
  throw new PgscaleError('PGS_HOST_UNREACHABLE', {
    what: `the host that led is away: ${away.join(' or ')}`,
    why: `${hosts.map(({ name }) => name).join(', ')} only had standbys`,
    next: [`bring it back, then: pgscale restore drop ${IN_PLACE}`],
  });
}

/** Whether a control file is that of a primary, which runs or was stopped. Pure. */
export function isPrimaryData(control: string): boolean {
  return /^Database cluster state:\s+(?:in production|shutting down|shut down)$/mu.test(control);
}
