import { pgbackrest, readStanzaState } from '../../components/pgbackrest/client.ts';
import { PgscaleError } from '../../errors/pgscale-error.ts';
import type { Host } from '../../host/host.ts';
import type { Stage } from '../../run/step.ts';
import { PGBACKREST } from '../../spec/layout.ts';
import type { Survey } from '../survey.ts';
import { findLeader } from './primary.ts';

/** pgBackRest itself waits a minute for the segment that it has had finished. */
const CHECK_DEADLINE_MS = 150_000;
/**
 * PostgreSQL tries to archive before there is anything to archive into. An asynchronous push that starts while
 * stanza-create holds the archive's lock ends at once, and who started it waits for it until `archive-timeout`: a lock
 * of its own keeps the two apart.
 */
const STANZA_LOCK = `--lock-path=${PGBACKREST.lockDirectory}/stanza-create`;

/**
 * Makes the cluster known to the repository and proves that a segment of WAL arrives there; once, because afterwards
 * archiving goes on by itself. A repository that is away while the cluster archives already stops no `apply`.
 */
export function repositoryStage(survey: Survey): Stage {
  const title = 'Backup repository';
  const { spec } = survey.session;
  if (spec.backup === undefined || survey.hasArchive) return { title, steps: [] };
  return {
    title,
    steps: [
      {
        id: 'repository',
        title: `Archive of ${spec.cluster}`,
        deadlineMs: 2 * CHECK_DEADLINE_MS,
        run: async (report) => {
          const leader = await findLeader(survey.hosts.filter((each) => each.member !== undefined));
          if (leader === undefined) {
            throw new PgscaleError('PGS_NO_LEADER', { what: `cluster ${spec.cluster} has no leader` });
          }
          report('making the cluster known to the repository');
          await ask(leader.host, spec.cluster, 'stanza-create', STANZA_LOCK);
          report('waiting for a segment of WAL to arrive');
          await ask(leader.host, spec.cluster, 'check');
        },
        verify: async () => {
          const leader = await findLeader(survey.hosts.filter((each) => each.member !== undefined));
          const state = leader === undefined ? 'away' : await readStanzaState(leader.host, spec.cluster);
          if (state !== 'there') throw refused(leader?.host.name, `info says that the archive is ${state}`);
        },
      },
    ],
  };
}

async function ask(host: Host, stanza: string, ...words: readonly string[]): Promise<void> {
  const asked = pgbackrest(stanza, ...words, '--log-level-console=warn');
  const { exitCode, stdout, stderr } = await host.run(asked, { deadlineMs: CHECK_DEADLINE_MS, okStatuses: 'any' });
  if (exitCode !== 0) throw refused(host.name, `${stdout}\n${stderr}`.trim());
}

function refused(host: string | undefined, why: string): PgscaleError {
  return new PgscaleError('PGS_REPOSITORY', {
    what: 'the backup repository cannot be used',
    ...(host === undefined ? {} : { host }),
    why,
  });
}
