import { z } from 'zod';

import { pgbackrest, type Archive } from '../../components/pgbackrest/client.ts';
import { PgscaleError } from '../../errors/pgscale-error.ts';
import { sh } from '../../host/command.ts';
import type { Host } from '../../host/host.ts';
import type { Spec } from '../../spec/schema.ts';
import { dataDirectory } from '../../spec/topology.ts';

const BESIDE = ['pgscale restore beside the cluster, into a server of its own, and copy the data from there'];
const tablespacesSchema = z.array(
  z.object({ backup: z.array(z.object({ tablespace: z.array(z.object({ name: z.string() })).nullish() })) }),
);

/** Their files are outside of the data directory and cannot be kept aside with it. @throws PgscaleError PGS_RESTORE_FAILED */
export async function refuseOwnTablespaces(host: Host, spec: Spec): Promise<void> {
  const answer = await host.read(sh`ls -A ${`${dataDirectory(spec)}/pg_tblspc`} 2>/dev/null; true`);
  if (answer.stdout === '') return;
  throw new PgscaleError('PGS_RESTORE_FAILED', {
    what: 'a cluster with tablespaces is not restored in place',
    host: host.name,
    why: `${dataDirectory(spec)}/pg_tblspc has ${answer.stdout.split('\n').join(', ')}`,
    next: BESIDE,
  });
}

/**
 * A backup with tablespaces is not for a copy that becomes a cluster: theirs are beside its data, and go with what is tidied up.
 *
 * @param how `in place`, `into new hosts`
 * @throws PgscaleError PGS_RESTORE_FAILED, PGS_REPOSITORY
 */
export async function refuseTablespaces(host: Host, archive: Archive, label: string, how: string): Promise<void> {
  const answer = await host.read(
    pgbackrest(archive, 'info', `--set=${label}`, '--output=json', '--log-level-console=off'),
  );
  if (answer.exitCode !== 0) {
    throw new PgscaleError('PGS_REPOSITORY', { what: `${label} cannot be read`, host: host.name, why: answer.stderr });
  }
  const backups = tablespacesSchema.parse(JSON.parse(answer.stdout)).flatMap(({ backup }) => backup);
  const names = backups.flatMap(({ tablespace }) => tablespace ?? []).map(({ name }) => name);
  if (names.length === 0) return;
  throw new PgscaleError('PGS_RESTORE_FAILED', {
    what: `a cluster with tablespaces is not restored ${how}`,
    host: host.name,
    why: `the backup ${label} has ${names.join(', ')}`,
    next: BESIDE,
  });
}
