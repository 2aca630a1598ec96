import { cmd, sh, type Command } from '../../host/command.ts';
import type { Reader } from '../../host/host.ts';
import { PGBACKREST, PKI, POSTGRES } from '../../spec/layout.ts';
import { repositoryInfo, stanzaState, type RepositoryInfo, type StanzaState } from '../../archive/repository-info.ts';

/** Looking into a repository that is away must not hold up what else is asked. */
const LOOK_SECONDS = 8;

/** An archive of another cluster, and the file on the host that leads there. */
export interface ForeignArchive {
  readonly stanza: string;
  readonly configFile: string;
}

/** The cluster's own archive, by the name of its stanza; or another's. */
export type Archive = string | ForeignArchive;

/** What the archive is called in its repository. */
export function stanzaOf(archive: Archive): string {
  return typeof archive === 'string' ? archive : archive.stanza;
}

/**
 * pgBackRest for this cluster as the postgres user, who may read the host's key by its group. No secret is among the
 * words: those are in the file.
 */
export function pgbackrest(archive: Archive, ...words: readonly string[]): Command {
  return cmd(...asPostgres(archive), ...program(archive), ...words);
}

/** The same for a look, which ends with `OVERDUE` when the repository does not answer within so many seconds. */
export function pgbackrestWithin(seconds: number, archive: Archive, ...words: readonly string[]): Command {
  // Inside runuser, which would take two seconds to pass the end on; and a status that no reader takes for its own.
  const look = cmd(...asPostgres(archive), 'timeout', '--kill-after=1', String(seconds), ...program(archive), ...words);
  return sh`${look} || { s=$?; case $s in 124 | 137) s=${OVERDUE} ;; esac; exit $s; }`;
}

/** The same for who is the postgres user already. */
export function pgbackrestProgram(archive: Archive): Command {
  return cmd(...program(archive));
}

const OVERDUE = 75;

/** Another's archive is read also where the group of the key is not there yet. */
function asPostgres(archive: Archive): [string, ...string[]] {
  const groups = typeof archive === 'string' ? ['-G', PKI.group] : [];
  return ['runuser', '-u', POSTGRES.user, '-g', POSTGRES.user, ...groups, '--'];
}

function program(archive: Archive): [string, ...string[]] {
  const configFile = typeof archive === 'string' ? PGBACKREST.configFile : archive.configFile;
  return [PGBACKREST.program, `--config=${configFile}`, `--stanza=${stanzaOf(archive)}`];
}

/** What the repository has, or why it does not say. */
export type RepositoryAnswer =
  { readonly isThere: true; readonly info: RepositoryInfo } | { readonly isThere: false; readonly why: string };

/** Asks the repository from a host. Changes nothing. */
export async function readRepository(
  reader: Reader,
  archive: Archive,
  seconds = LOOK_SECONDS,
): Promise<RepositoryAnswer> {
  const words = ['info', '--output=json', '--log-level-console=off', '--log-level-stderr=error'];
  const answer = await reader.read(pgbackrestWithin(seconds, archive, ...words));
  // What is wrong with the repository is an answer, too, with a status of its own.
  const info = repositoryInfo(answer.stdout, stanzaOf(archive));
  if (info !== undefined) return { isThere: true, info };
  const why =
    answer.exitCode === OVERDUE ? `no answer within ${seconds} s` : `${answer.stderr}\n${answer.stdout}`.trim();
  return { isThere: false, why: why === '' ? `status ${answer.exitCode}` : why };
}

/** Whether the repository knows this cluster. */
export async function readStanzaState(reader: Reader, stanza: string): Promise<StanzaState> {
  const answer = await readRepository(reader, stanza);
  return answer.isThere ? stanzaState(answer.info) : 'away';
}

/** The version that a host has, as `2.60.0`; null when it has none. */
export async function readVersion(reader: Reader): Promise<string | null> {
  const answer = await reader.read(cmd(PGBACKREST.program, 'version'));
  return /^pgBackRest (\S+)$/mu.exec(answer.stdout)?.[1] ?? null;
}
