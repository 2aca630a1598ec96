import { catchingUpText, readCatchingUp, Standstill } from '../../../cluster/catching-up.ts';
import { readUnsettled } from '../../../cluster/unsettled.ts';
import { reinitialiseMember } from '../../../components/patroni/client.ts';
import { PgscaleError } from '../../../errors/pgscale-error.ts';
import type { Host } from '../../../host/host.ts';
import { waitFor } from '../../../run/deadline.ts';
import type { Report, Step } from '../../../run/step.ts';
import type { HostSpec } from '../../../spec/schema.ts';
import { hostsWithRole } from '../../../spec/topology.ts';
import type { ClusterSession } from '../../cluster-session.ts';
import { startScript } from './scripts.ts';

/** A copy of a large database takes its time; what does not get on is found out much earlier. */
const STANDBYS_DEADLINE_MS = 24 * 3_600_000;
/** Patroni looks every ten seconds, and rewinds in the next look after it saw that it has to. */
const STANDSTILL_MS = 60_000;

/** Where the restored data is. */
interface Restored {
  readonly session: ClusterSession;
  readonly host: Host;
}

/**
 * Starts the standbys with the data that they have. Patroni rewinds what has gone another way; one that is merely behind, by more than
 * the restored primary has WAL of, waits for ever: it is copied anew.
 */
export function standbysStep({ session, host }: Restored): Step {
  const standbys = hostsWithRole(session.spec, 'database').filter(({ name }) => name !== host.name);
  return {
    id: 'in-place-standbys',
    title: standbys.length === 1 ? '1 standby follows' : `${standbys.length} standbys follow`,
    deadlineMs: STANDBYS_DEADLINE_MS,
    done: async () => (standbys.length === 0 ? 'there is none' : false),
    run: async (report, signal) => {
      await Promise.all(
        standbys.map(({ name }) => session.host(name).run({ script: startScript() }, { deadlineMs: 60_000 })),
      );
      await follow({ session, host }, standbys, { report, signal });
    },
  };
}

async function follow(
  { session, host }: Restored,
  standbys: readonly HostSpec[],
  { report, signal }: { report: Report; signal: AbortSignal },
): Promise<void> {
  const { spec } = session;
  const readers = standbys.map(({ name }) => session.host(name));
  const still = new Standstill(STANDSTILL_MS);
  const anew = new Set<string>();
  const wait = { what: 'the standbys to stream', deadlineMs: STANDBYS_DEADLINE_MS, pollMs: 1000, signal };
  await waitFor(wait, async () => {
    const missing = await readUnsettled(host, spec);
    if (missing === undefined) return true;
    const behind = await readCatchingUp(host, readers, spec);
    report(catchingUpText(missing, behind));
    const waiting = still.note(behind, performance.now());
    for (const standby of standbys.filter(({ name }) => waiting.includes(name))) {
      const { name } = standby;
      if (anew.has(name)) throw standing(name);
      anew.add(name);
      report(`${name} waits for WAL that is not there any more: it is copied anew`);
      await reinitialiseMember(session.host(name), { spec, host: standby, secrets: session.secrets });
    }
    return undefined;
  });
}

function standing(host: string): PgscaleError {
  return new PgscaleError('PGS_RESTORE_FAILED', {
    what: `the restored primary takes writes, but ${host} does not follow it, also as a new copy`,
    host,
    next: [`pgscale logs ${host}`, 'Solve what it says, then run the same restore again: it goes on here.'],
  });
}
