import { PgscaleError } from '../../../errors/pgscale-error.ts';
import { chosenHosts } from '../../chosen-hosts.ts';
import type { ClusterSession } from '../../cluster-session.ts';
import { resumePoolers } from '../../pooler.ts';
import { IN_PLACE } from '../side.ts';
import { startScript } from './scripts.ts';
import { findCopy } from './state.ts';

/**
 * Lets every member go on with the data that it had, which is untouched until the copy is in place.
 * @throws PgscaleError PGS_RESTORE_FAILED when it is
 */
export async function goBack(session: ClusterSession): Promise<void> {
  const begun = await findCopy(session, IN_PLACE);
  if (begun?.phase === 'swapped') {
    throw new PgscaleError('PGS_RESTORE_FAILED', {
      what: `the restored data is in place on ${begun.host.name} already`,
      host: begun.host.name,
      next: [`run the restore in place again (${begun.side.target}): it ends what is left`],
    });
  }
  const hosts = chosenHosts(session.spec, { role: 'database' }).map(({ name }) => session.host(name));
  await Promise.all(hosts.map((host) => host.run({ script: startScript() }, { deadlineMs: 60_000 })));
  await resumePoolers(session, []).catch(() => undefined);
}
