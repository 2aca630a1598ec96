import { PgscaleError } from '../../errors/pgscale-error.ts';
import type { Host } from '../../host/host.ts';
import { RotationBusy, RotationOnStandby } from '../../partitions/rotate.ts';
import { SqlError, SqlSession } from '../../partitions/sql-session.ts';
import type { Spec } from '../../spec/schema.ts';
import { psqlCommand } from '../../sql/psql.ts';

/** Does the work in one session with the server of a host. @throws PgscaleError PGS_LOCKED, PGS_NO_LEADER, PGS_SQL */
export async function withSqlSession<T>(
  host: Host,
  spec: Spec,
  database: string,
  work: (session: SqlSession) => Promise<T>,
): Promise<T> {
  const session = new SqlSession();
  await using psql = await host.session(psqlCommand({ port: spec.postgres.port, name: database }), (text) =>
    session.hear(text),
  );
  psql.write('\\unset ON_ERROR_STOP\n');
  session.attach({ write: (text) => psql.write(text), ended: psql.ended.then(({ stderr }) => stderr) });
  try {
    return await work(session);
  } catch (error) {
    throw translated(error, host.name, database);
  }
}

/** The same with a second session, for who watches the first. @throws PgscaleError PGS_LOCKED, PGS_NO_LEADER, PGS_SQL */
export function withRotationSessions<T>(
  host: Host,
  spec: Spec,
  database: string,
  work: (session: SqlSession, watcher: SqlSession) => Promise<T>,
): Promise<T> {
  return withSqlSession(host, spec, database, (session) =>
    withSqlSession(host, spec, database, (watcher) => work(session, watcher)),
  );
}

function translated(error: unknown, host: string, database: string): unknown {
  if (error instanceof RotationBusy) {
    return new PgscaleError('PGS_LOCKED', { what: `${error.message}: ${database}`, host });
  }
  if (error instanceof RotationOnStandby) {
    return new PgscaleError('PGS_NO_LEADER', { what: `the primary moved meanwhile: ${error.message}`, host });
  }
  if (!(error instanceof SqlError)) return error;
  return new PgscaleError('PGS_SQL', { what: `SQL failed on ${host}, database ${database}`, host, why: error.message });
}
