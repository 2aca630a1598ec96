import { PgscaleError } from '../errors/pgscale-error.ts';
import { sh, type Command } from '../host/command.ts';
import type { Host } from '../host/host.ts';
import { POSTGRES } from '../spec/layout.ts';
import type { ParameterValue } from '../spec/shared-parameters.ts';

/** Exit status of the judgement when PostgreSQL does not take the parameters. */
const REFUSED_STATUS = 3;

export interface JudgedParameters {
  /** Whole text of a postgresql.conf. */
  readonly content: string;
  /** What PostgreSQL is given on its command line, which is how Patroni gives what every member has alike. */
  readonly shared: Readonly<Record<string, ParameterValue>>;
}

/**
 * Has the PostgreSQL of a host read parameters before they take the place of others: at the next restart it would be too
 * late. It reads them to print one of them, which needs no data directory, only an empty one; nothing is started.
 * https://www.postgresql.org/docs/18/app-postgres.html
 *
 * @throws PgscaleError PGS_PARAMETER_REFUSED
 */
export async function judgeParameters(host: Host, judged: JudgedParameters): Promise<void> {
  const answer = await host.run(judgement(judged), {
    as: POSTGRES.user,
    stdin: judged.content,
    okStatuses: [0, REFUSED_STATUS],
  });
  if (answer.exitCode === 0) return;
  throw new PgscaleError('PGS_PARAMETER_REFUSED', {
    what: `PostgreSQL on ${host.name} does not take these parameters; those before them are in force`,
    host: host.name,
    why: complaints(answer.stdout, judged.content).join('\n'),
  });
}

function judgement({ shared }: JudgedParameters): Command {
  const flags = Object.entries(shared).flatMap(([name, value]) => ['-c', `${name}=${String(value)}`]);
  return sh`umask 077
d=$(mktemp -d) || exit 1
trap 'rm -rf -- "$d"' EXIT
cat >"$d/postgresql.conf" && mkdir "$d/data" && cd "$d" || exit 1
LC_ALL=C ${POSTGRES.binDirectory}/postgres -D "$d/data" --config-file="$d/postgresql.conf" ${flags} -C data_directory >/dev/null 2>said && exit 0
status=$?
[ "$status" = 1 ] || { cat said >&2; exit "$status"; }
cat said
exit ${REFUSED_STATUS}`;
}

const NOISE = /skipping missing configuration file|configuration file ".*" contains errors/u;

/** What PostgreSQL said, with the line that it means. Pure. */
export function complaints(output: string, content: string): string[] {
  const lines = content.split('\n');
  return output
    .split('\n')
    .filter((line) => line !== '' && !NOISE.test(line))
    .map((line) => {
      const text = line.replace(/^.*?\b(?:LOG|FATAL|ERROR|WARNING|HINT|DETAIL): +/u, '');
      const [place = '', number] = / in file ".*\/postgresql\.conf" line (\d+)/u.exec(text) ?? [];
      return number === undefined ? text : `${text.replace(place, '')} (${lines[Number(number) - 1] ?? ''})`;
    });
}
