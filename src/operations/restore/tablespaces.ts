import { z } from 'zod';

import { pgbackrest, type Archive } from '../../components/pgbackrest/client.ts';
import { PgscaleError } from '../../errors/pgscale-error.ts';
import type { Host } from '../../host/host.ts';

const tablespacesSchema = z.array(
  z.object({ backup: z.array(z.object({ tablespace: z.array(z.object({ name: z.string() })).nullish() })) }),
);

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
    next: ['pgscale restore alone, for a server of its own from which data can be copied'],
  });
}
