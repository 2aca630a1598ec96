import { PgscaleError } from '../../errors/pgscale-error.ts';
import { cmd } from '../../host/command.ts';
import type { Host } from '../../host/host.ts';
import { lastLine } from '../../host/text.ts';
import { apartOf } from '../../partitions/mark.ts';
import { quoteIdentifier } from '../../partitions/statements.ts';
import { AGENT, PARTITIONS, PKI, POSTGRES } from '../../spec/layout.ts';
import type { ClusterSession } from '../cluster-session.ts';
import { leaderOf, readMembers } from '../switchover/look.ts';
import { readPlans } from './look.ts';

/** A dump of hundreds of gigabytes, read back as well. */
const STORE_DEADLINE_MS = 24 * 3600 * 1000;

/** Dumps a table into the object store, from its own host, as the timer does. @throws PgscaleError PGS_PARTITION_STORE */
export async function archiveOn(host: Host, database: string, id: string): Promise<void> {
  await onHost(host, 'archive-partition', database, id);
}

/**
 * Sees to it that a partition that was archived is a table of its own again, whatever it was: then it can be attached. One
 * that is there is left alone. @throws PgscaleError PGS_PARTITION_STORE, PGS_PARTITION_UNKNOWN, PGS_NO_LEADER, PGS_SQL
 */
export async function bringBackFromStore(session: ClusterSession, table: string, partition: string): Promise<void> {
  const host = session.host(leaderOf(await readMembers(session)));
  const [found] = await readPlans(session, [table]);
  const [plan] = found?.plans ?? [];
  if (found === undefined || plan?.found === undefined) return;
  const names = [...plan.found.partitions, ...apartOf(plan.found)].flatMap(({ id, name }) => [id, name]);
  if (names.includes(partition)) return;
  const id = partition.includes('.') ? partition : `${plan.found.schema}.${asPrinted(partition)}`;
  await onHost(host, 'bring-back-partition', found.database, id);
}

/** A name as PostgreSQL prints it, and as the dump is called: in quotes where it needs them. */
function asPrinted(name: string): string {
  return /^[a-z_][a-z0-9_]*$/u.test(name) ? name : quoteIdentifier(name);
}

async function onHost(host: Host, program: string, database: string, id: string): Promise<void> {
  const as = ['runuser', '-u', POSTGRES.user, '-g', POSTGRES.user, '-G', PKI.group, '--'] as const;
  const words = [AGENT.runtime, AGENT.programFile, program, PARTITIONS.settingsFile, database, id];
  const { exitCode, stderr } = await host.run(cmd(...as, ...words), {
    deadlineMs: STORE_DEADLINE_MS,
    okStatuses: 'any',
  });
  if (exitCode === 0) return;
  const said = stderr.split('\n').find((line) => /Error: /u.test(line)) ?? lastLine(stderr.trim());
  const why = said.replace(/^.*?Error: /u, '').trim();
  // In one piece: a rotation by hand tells it as the reason of one action.
  throw new PgscaleError('PGS_PARTITION_STORE', { what: `${program} ${id} failed: ${why}`, host: host.name });
}
