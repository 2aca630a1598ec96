import { cmd, sh } from '../../../host/command.ts';
import { PKI, POSTGRES } from '../../../spec/layout.ts';
import { quoteIdentifier } from '../../../partitions/statements.ts';
import type { Relation, SequenceState } from './look.ts';
import { copyStatements, moveStatements, sequenceStatements, usageStatement } from './move.ts';
import type { Wanted } from './wanted.ts';

/** Has the definitions while they get their new names; it never has rows. */
const SCRATCH = 'pgscale_restore_scratch';

export interface TableTransfer {
  readonly wanted: Wanted;
  readonly relations: readonly Relation[];
  readonly sequences: readonly SequenceState[];
  /** How the primary's host connects to the side restore. */
  readonly from: string;
  /** Of the cluster. */
  readonly database: string;
  readonly port: number;
}

/**
 * The job on the primary's host. Definitions and rows come in one transaction, so that all of it is there in the end or
 * nothing; how many rows is on the last line.
 */
export function transferScript(transfer: TableTransfer): string {
  const shell = cmd('runuser', '-u', POSTGRES.user, '-g', POSTGRES.user, '-G', PKI.group, '--', '/bin/sh');
  // By standard input, since with some hundred partitions it is more than one argument of a program may be: 128 KiB. It is
  // read to its end before any of it is run, and what it runs reads nothing of it.
  return sh`printf '%s\n' ${`{\n${asPostgres(transfer)}\n} </dev/null`} | ${shell}`.script;
}

function asPostgres({ wanted, relations, sequences, from, database, port }: TableTransfer): string {
  const bin = POSTGRES.binDirectory;
  const at = ['-h', POSTGRES.socketDirectory, '-p', String(port)];
  const psql = (name: string, ...words: string[]): string =>
    cmd(`${bin}/psql`, '-XAt', ...at, '-d', name, '-v', 'ON_ERROR_STOP=1', ...words).script;
  const dump = (...words: string[]): string =>
    cmd(`${bin}/pg_dump`, '--no-publications', '--no-subscriptions', ...words).script;
  const selection =
    wanted.table === undefined
      ? `--schema=${quoteIdentifier(wanted.into)}`
      : `--table=${quoteIdentifier(wanted.into)}.*`;
  const drop = psql('postgres', '-q', '-c', `drop database if exists ${SCRATCH} with (force)`);
  const rows = relations
    .filter(({ isLeaf, columns }) => isLeaf && columns.length > 0)
    .map((relation) => {
      const { from: ask, to } = copyStatements(wanted, relation);
      return sh`echo ${to}
${cmd(`${bin}/psql`, '-XAtq', '-d', from, '-v', 'ON_ERROR_STOP=1', '-c', ask)}
echo '\\.'`.script;
    });
  const lines = (statements: readonly string[]): string => statements.map((each) => sh`echo ${each}`.script).join('\n');
  return `set -eu
umask 077
work=$(mktemp -d)
trap 'rm -rf "$work"; ${drop.replaceAll("'", String.raw`'\''`)}' EXIT
${drop}
${psql('postgres', '-q', '-c', `create database ${SCRATCH} template template0`)}
${dump('--schema-only', '-d', from)} >"$work/all.sql"
# An extension or a role that is not here any more is missed by what needs it, and only then.
${cmd(`${bin}/psql`, '-XAtq', ...at, '-d', SCRATCH, '-f', '-').script} <"$work/all.sql" >/dev/null 2>&1 || true
${sh`printf '%s\n' ${moveStatements(wanted, relations)}`.script} | ${psql(SCRATCH, '-q', '-1', '-f', '-')}
${dump('-Fc', '--schema-only', '--no-privileges', selection, ...at, '-d', SCRATCH)} >"$work/definitions"
feed() {
  echo 'begin;'
  ${wanted.table === undefined ? ':' : lines([`create schema if not exists ${quoteIdentifier(wanted.into)};`])}
  ${bin}/pg_restore --section=pre-data -f - "$work/definitions"
${rows.join('\n')}
  ${bin}/pg_restore --section=post-data -f - "$work/definitions"
${lines([...sequenceStatements(wanted, sequences), usageStatement(wanted.into)])}
  echo 'commit;'
  : >"$work/fed"
}
feed | ${psql(database, '-f', '-')} >"$work/said"
[ -e "$work/fed" ]
awk '/^COPY /{ rows += $2 } END { print "rows", rows + 0 }' "$work/said"`;
}
