import { sh, type Command } from '../../host/command.ts';
import { OWN_ROLES, POSTGRES } from '../../spec/layout.ts';
import { initdbOptions, type InitdbOption } from '../../spec/locale.ts';
import { dataDirectory } from '../../spec/topology.ts';
import { scramVerifier } from '../../sql/scram.ts';
import type { Target } from '../component.ts';

/**
 * The job, run by root, that makes the first data directory of a cluster: initdb beside it, then the roles that Patroni
 * connects with, then a rename. So a data directory is always whole. Patroni's own bootstrap makes the roles only after
 * the first start: cut off in between, it finds data without them when it comes back, and waits for ever.
 *
 * `receiving` is the folder beside the data directory. A single-user backend reports errors but ends with 0, so its
 * output decides. https://www.postgresql.org/docs/18/app-postgres.html#APP-POSTGRES-SINGLE-USER
 */
export function initialiseScript(target: Target, receiving: string): string {
  const directory = dataDirectory(target.spec);
  const { binDirectory, user } = POSTGRES;
  return sh`set -eu
if [ -n "$(ls -A ${directory} 2>/dev/null)" ]; then echo ${`${directory} is not empty`} >&2; exit 1; fi
umask 077
rm -rf ${receiving}
install -d -o ${user} -g ${user} -m 0700 ${receiving}
runuser -u ${user} -- ${binDirectory}/initdb -D ${receiving} ${flags(initdbOptions(target.spec.postgres.locale))} --no-sync --no-instructions
answer=$(printf '%s\n' ${roleStatements(target.secrets)} | runuser -u ${user} -- ${binDirectory}/postgres --single -D ${receiving} -c log_min_error_statement=panic postgres 2>&1)
case $answer in *ERROR:* | *FATAL:* | *PANIC:*) printf '%s\n' "$answer" >&2; exit 1 ;; esac
sync -f ${receiving}
rmdir ${directory} 2>/dev/null || true
mv -T ${receiving} ${directory}
sync -f ${directory}
`.script;
}

function flags(options: readonly InitdbOption[]): Command {
  const words = options.flatMap((option) =>
    typeof option === 'string' ? [`--${option}`] : Object.entries(option).map(([name, value]) => `--${name}=${value}`),
  );
  return sh`${words}`;
}

/**
 * The same roles where data came from another cluster, which may have them, with its passwords. One statement a line. Pure.
 */
export function bootstrapStatements(secrets: Target['secrets']): string[] {
  const isThere = (name: string): string => `select 1 from pg_roles where rolname = '${name}'`;
  const missing = [OWN_ROLES.replication, OWN_ROLES.rewind].map(
    (name) => `do $$ begin if not exists (${isThere(name)}) then create role ${name}; end if; end $$;`,
  );
  return [...missing, ...roleStatements(secrets).map((each) => each.replace(/^create/u, 'alter'))];
}

/** What else these roles need is kept up later with the other roles; one statement a line. */
function roleStatements(secrets: Target['secrets']): string[] {
  const { replication, rewind } = secrets.passwords;
  return [
    `create role ${OWN_ROLES.replication} login replication password '${scramVerifier(replication)}';`,
    `create role ${OWN_ROLES.rewind} login password '${scramVerifier(rewind)}';`,
  ];
}
