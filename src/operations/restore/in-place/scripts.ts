import { sh } from '../../../host/command.ts';
import { PATRONI, POSTGRES } from '../../../spec/layout.ts';
import type { Spec } from '../../../spec/schema.ts';
import { dataDirectory } from '../../../spec/topology.ts';
import { psqlCommand } from '../../../sql/psql.ts';
import { sideDirectory } from '../../../spec/restore-places.ts';
import { sideUnit, type Side } from '../side.ts';
import { keptDirectory } from './state.ts';

/**
 * Stops the member and keeps it from being started, also by a reboot: with its data of before it could take the lead.
 * Prints what is still running in the data directory.
 */
export function stopScript(spec: Spec): string {
  const directory = dataDirectory(spec);
  const { unit } = PATRONI;
  return sh`systemctl mask --quiet ${unit}
systemctl stop ${unit}
left() {
  there=$(readlink -f ${directory}) || return 0
  for each in /proc/[0-9]*; do [ "$(readlink "$each/cwd")" != "$there" ] || echo "$each"; done 2>/dev/null
}
# While it is paused, Patroni leaves PostgreSQL running.
[ -z "$(left)" ] || runuser -u ${POSTGRES.user} -- ${`${POSTGRES.binDirectory}/pg_ctl`} stop --silent --mode=fast --timeout=120 --pgdata=${directory} || true
left`.script;
}

/** Lets Patroni start the member again. */
export function startScript(): string {
  const { unit } = PATRONI;
  return sh`systemctl unmask --quiet ${unit}
systemctl reset-failed ${unit} 2>/dev/null || true
systemctl start ${unit}`.script;
}

/**
 * Gives the copy what a member that led and was stopped could not archive, with the marks by which it is archived later. A server that
 * follows an archive takes also what is in its pg_wal.
 */
export function unarchivedScript(spec: Spec, name: string): string {
  const own = `${dataDirectory(spec)}/pg_wal`;
  const copy = `${sideDirectory(spec, name)}/data/pg_wal`;
  return sh`set -eu
for mark in ${own}/archive_status/*.ready; do
  each=$(basename "$mark" .ready)
  [ -e ${own}/"$each" ] && [ ! -e ${copy}/"$each" ] || continue
  cp --preserve ${own}/"$each" ${copy}/"$each.new"
  mv -T ${copy}/"$each.new" ${copy}/"$each"
  cp --preserve "$mark" ${copy}/archive_status/
done`.script;
}

type Place = Pick<Side, 'name' | 'port'>;

/**
 * Promotes the copy and stops it in order. The mark at the end names its timeline. PostgreSQL takes the timeline after the
 * newest of which it finds a history, in the archive or in pg_wal: the member of before may have one that was not archived.
 * https://www.postgresql.org/docs/18/continuous-archiving.html#BACKUP-TIMELINES
 *
 * @param statements Run in the promoted copy, before anybody else can connect; may hold secrets
 */
export function promoteScript(spec: Spec, { name, port }: Place, statements: readonly string[] = []): string {
  const directory = sideDirectory(spec, name);
  const database = { port, name: 'postgres' };
  const promote = 'select case when pg_is_in_recovery() then pg_promote(true, 300) else true end';
  return sh`set -eu
for each in ${dataDirectory(spec)}/pg_wal/*.history; do
  [ ! -e "$each" ] || cp --preserve --no-clobber "$each" ${directory}/data/pg_wal/
done
systemctl start ${sideUnit(name)}
[ "$(${psqlCommand(database)} -c ${promote})" = t ]
${statements.length === 0 ? [] : sh`printf '%s\n' ${['set default_transaction_read_only = off;', ...statements]} | ${psqlCommand(database)}`}
timeline=$(${psqlCommand(database)} -c ${"select ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int"})
systemctl stop ${sideUnit(name)}
LC_ALL=C ${`${POSTGRES.binDirectory}/pg_controldata`} ${directory}/data | grep -q 'state: *shut down$'
sync --file-system ${directory}/data
echo "$timeline" >${directory}/promoted
`.script;
}

/**
 * Makes the copy the data directory and keeps the one of before beside it; two renames, and the second one is enough when
 * the first was done. Settings of the recovery do not stay behind; of Patroni's copies of the shared config the one of the
 * cluster that goes on does, and not that of the time of the backup.
 */
export function swapScript(spec: Spec, side: Pick<Side, 'name' | 'createdAt'>): string {
  const directory = dataDirectory(spec);
  const copy = `${sideDirectory(spec, side.name)}/data`;
  return sh`set -eu
[ -d ${copy} ] || exit 0
sed -i -E '/^(restore_command|recovery_target\w*|archive_(mode|command|library))\b/d' ${copy}/postgresql.auto.conf
rm -f ${copy}/recovery.signal ${copy}/standby.signal ${copy}/patroni.dynamic.json
rmdir ${directory} 2>/dev/null || true
[ ! -e ${directory}/patroni.dynamic.json ] || cp --preserve ${directory}/patroni.dynamic.json ${copy}/
[ ! -e ${directory} ] || mv -T ${directory} ${keptDirectory(spec, side)}
mv -T ${copy} ${directory}
sync --file-system ${directory}
`.script;
}
