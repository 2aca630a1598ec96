import { z } from 'zod';

import { sh, type Command } from '../host/command.ts';
import type { Host, Reader } from '../host/host.ts';
import { PgscaleError } from '../errors/pgscale-error.ts';
import { POSTGRES } from '../spec/layout.ts';

/** A query and the shape of its rows. The text selects plain columns; it is wrapped so that rows arrive as JSON. */
export interface Query<Row> {
  readonly text: string;
  readonly row: z.ZodType<Row>;
}

export interface Database {
  readonly port: number;
  readonly name: string;
}

/**
 * As the postgres user. Not by runuser: its PAM session costs half as much again as a short query, and two lines in the
 * journal each time.
 */
export const AS_POSTGRES = ['setpriv', '--reuid=postgres', '--regid=postgres', '--init-groups', '--'];

/**
 * psql as the postgres user over the Unix socket (peer): no password is needed or kept. By its own path, since Debian's
 * /usr/bin/psql is a Perl program that looks for it and takes longer than the query.
 */
export function psqlCommand(database: Database): Command {
  const { name, port } = database;
  return sh`${AS_POSTGRES} env PGCONNECT_TIMEOUT=5 ${POSTGRES.binDirectory}/psql -XAtq -v ON_ERROR_STOP=1 -h ${POSTGRES.socketDirectory} -p ${port} -d ${name}`;
}

/** Two queries as one, with one row that has the rows of both: a psql and a backend less. Pure. */
export function both<A, B>(first: Query<A>, second: Query<B>): Query<{ first: A[]; second: B[] }> {
  return {
    text: `select (${asJson(first)}) as first, (${asJson(second)}) as second`,
    row: z.object({ first: z.array(first.row), second: z.array(second.row) }),
  };
}

function asJson({ text }: Query<unknown>): string {
  return `select coalesce(json_agg(row), '[]') from (${text}) as row`;
}

/** Rows of a query, or undefined when the server does not take connections. Changes nothing. */
export async function readRows<Row>(reader: Reader, database: Database, query: Query<Row>): Promise<Row[] | undefined> {
  const answer = await reader.read(sh`${psqlCommand(database)} -c ${asJson(query)}`);
  if (answer.exitCode === 2) return undefined;
  if (answer.exitCode !== 0) {
    throw new PgscaleError('PGS_SQL', {
      what: `a query failed on ${reader.name}`,
      host: reader.name,
      why: answer.stderr,
    });
  }
  return z.array(query.row).parse(JSON.parse(answer.stdout));
}

/** Runs statements that change something. Their text goes through standard input: it may hold secrets. */
export async function runSql(host: Host, database: Database, statements: string, deadlineMs = 30_000): Promise<string> {
  const answer = await host.run(psqlCommand(database), {
    stdin: statements,
    deadlineMs,
    secret: true,
    okStatuses: 'any',
  });
  if (answer.exitCode === 0) return answer.stdout;
  throw new PgscaleError('PGS_SQL', {
    what: `SQL failed on ${host.name}, database ${database.name}`,
    host: host.name,
    // Only the ERROR lines: the others may quote the statement.
    why: answer.stderr
      .split('\n')
      .filter((line) => /ERROR|FATAL|HINT|DETAIL|error:/u.test(line))
      .join('\n'),
  });
}
