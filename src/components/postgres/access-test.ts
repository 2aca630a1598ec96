import { sh, type Command } from '../../host/command.ts';
import { OWN_ROLES, PKI, POSTGRES } from '../../spec/layout.ts';
import { dataDirectory } from '../../spec/topology.ts';
import { psqlCommand } from '../../sql/psql.ts';
import type { Target } from '../component.ts';

/** Where the file that is in force is kept while another one is tried. */
export const PREVIOUS_ACCESS_FILE = `${POSTGRES.hbaFile}.previous`;
/** What is to be tried. */
export const NEXT_ACCESS_FILE = `${POSTGRES.hbaFile}.next`;

/** Exit status of the test when the new file was not taken over. */
export const REFUSED_STATUS = 3;
const LOGIN_SECONDS = 5;

/** One login that has to go on working, by psql's connection string. */
interface TestedLogin {
  readonly name: string;
  readonly connection: string;
  readonly statement: string;
}

/** The logins that can be tried on a host: replication, rewind, the pooler's, and the owner of each database. Pure. */
export function testedLogins({ spec, host }: Pick<Target, 'spec' | 'host'>): TestedLogin[] {
  const to = (address: string, user: string, database: string, more = ''): string =>
    `host=${address} port=${spec.postgres.port} user=${user} dbname=${database} sslmode=verify-full sslrootcert=${PKI.ca}${more}`;
  const query = 'select 1';
  const names = spec.databases.map(({ name, owner }) => ({ name, owner }));
  return [
    {
      name: `replication (${OWN_ROLES.replication})`,
      connection: to(host.address, OWN_ROLES.replication, 'postgres', ' replication=true'),
      statement: 'IDENTIFY_SYSTEM',
    },
    {
      name: `rewind (${OWN_ROLES.rewind})`,
      connection: to(host.address, OWN_ROLES.rewind, 'postgres'),
      statement: query,
    },
    ...['postgres', ...names.map(({ name }) => name)].map((name) => ({
      name: `the pooler's look-up (${OWN_ROLES.poolerAuth}) in ${name}`,
      connection: to('127.0.0.1', OWN_ROLES.poolerAuth, name),
      statement: query,
    })),
    ...names.map(({ name, owner }) => ({
      name: `${owner} in ${name}, as the poolers come`,
      connection: to(host.address, owner, name),
      statement: query,
    })),
  ];
}

/** The passwords for these, as a passfile. https://www.postgresql.org/docs/18/libpq-pgpass.html */
export function passFile({ spec, secrets }: Pick<Target, 'spec' | 'secrets'>): string {
  const { replication, rewind, poolerAuth } = secrets.passwords;
  const own: [string, string][] = [
    [OWN_ROLES.replication, replication],
    [OWN_ROLES.rewind, rewind],
    [OWN_ROLES.poolerAuth, poolerAuth],
  ];
  const owners = spec.databases.map(({ owner }): [string, string] => [owner, secrets.roles[owner] ?? '']);
  const escaped = (text: string): string => text.replaceAll(/[:\\]/gu, String.raw`\$&`);
  return [...own, ...owners].map((each) => `*:*:*:${each.map(escaped).join(':')}\n`).join('');
}

/**
 * The program that puts the next file in place of the one in force: it must be without mistakes before it is loaded, and every
 * login that works before it must work after it; otherwise the file in force is put back. It goes on when we are
 * gone, and after one that was cut off the file that was in force comes back first. It reloads by a signal, since it may have
 * locked itself out. It takes the passfile on standard input.
 * Where PostgreSQL does not run there is nothing to try, and nobody to lock out.
 *
 * https://www.postgresql.org/docs/18/view-pg-hba-file-rules.html
 */
export function accessTest(target: Target): Command {
  const local = psqlCommand({ port: target.spec.postgres.port, name: 'postgres' });
  const [file, next, previous] = [POSTGRES.hbaFile, NEXT_ACCESS_FILE, PREVIOUS_ACCESS_FILE];
  const pidFile = `${dataDirectory(target.spec)}/postmaster.pid`;
  const mistakes = `select 'rule|' || line_number || '|' || file_name || '|' || error from pg_hba_file_rules where error is not null`;
  return sh`trap '' HUP PIPE INT TERM
umask 077
pass=$(mktemp) && cat >"$pass" || exit 1
trap 'rm -f -- "$pass"' EXIT
postmaster() { pid=$(head -n 1 ${pidFile} 2>/dev/null) && kill -0 "$pid" 2>/dev/null; }
loaded() { ${local} -c 'select pg_conf_load_time()' 2>/dev/null; }
reload() {
  was=$(loaded)
  postmaster && kill -HUP "$pid"
  for _ in $(seq 30); do [ "$(loaded)" = "$was" ] || return 0; sleep 0.1; done
}
login() {
  if text=$(PGPASSFILE=$pass PGCONNECT_TIMEOUT=${LOGIN_SECONDS} timeout ${LOGIN_SECONDS * 2} ${POSTGRES.binDirectory}/psql -XAtqw -d "$2" -c "$3" 2>&1 >/dev/null)
  then echo "ok|$1"; else printf 'no|%s|%s\n' "$1" "$(printf %s "$text" | tail -n 1)"; fi
}
logins() {
  if text=$(${local} -c 'select 1' 2>&1 >/dev/null); then echo 'ok|pgscale itself'; else printf 'no|pgscale itself|%s\n' "$(printf %s "$text" | tail -n 1)"; fi
  ${{ script: loginLines(target) }}
}
back() { mv -fT ${previous} ${file} && reload; }
if ! postmaster; then rm -f ${previous}; mv -fT ${next} ${file}; exit; fi
if [ -e ${previous} ]; then back; fi
before=$(logins)
if [ -e ${file} ]; then cp -p ${file} ${previous} || exit 1; fi
mv -fT ${next} ${file} || exit 1
if printf '%s\n' "$before" | grep -qxF 'ok|pgscale itself' && { ! mistakes=$(${local} -c ${mistakes} 2>&1) || [ -n "$mistakes" ]; }; then
  printf '%s\n' "$mistakes"
  if [ -e ${previous} ]; then mv -fT ${previous} ${file}; fi
  exit ${REFUSED_STATUS}
fi
reload
lost=$(logins | grep '^no|' | while IFS='|' read -r _ name text; do
  printf '%s\n' "$before" | grep -qxF "ok|$name" && printf 'login|%s|%s\n' "$name" "$text"
done)
if [ -n "$lost" ]; then
  printf '%s\n' "$lost"
  back
  exit ${REFUSED_STATUS}
fi
rm -f ${previous}`;
}

function loginLines(target: Target): string {
  return testedLogins(target)
    .map(({ name, connection, statement }) => sh`login ${name} ${connection} ${statement}`.script)
    .join('\n  ');
}
