import { setTimeout as sleep } from 'node:timers/promises';

import pg from 'pg';
import { z } from 'zod';

import type { Change } from '../../cdc/change.ts';
import { PgoutputDecoder } from '../../cdc/pgoutput.ts';
import { decodeWal2json, wal2jsonOptions } from '../../cdc/wal2json.ts';
import { PgscaleError } from '../../errors/pgscale-error.ts';
import { SqlError, SqlSession } from '../../partitions/sql-session.ts';
import { psqlCommand } from '../../sql/psql.ts';
import type { ClusterSession } from '../cluster-session.ts';
import { leaderOf, readMembers } from '../switchover/look.ts';
import { readSlots, refuseBusy, slotOn, streamOf } from './look.ts';
import { streamFrom } from './stages.ts';
import type { Stream } from '../../sql/stream.ts';

export interface TailOptions {
  readonly name: string;
  /** After so many changes it is enough (whole transactions are read). */
  readonly limit: number;
  /** Look on from now, by a slot of its own that goes with the session; the consumer is not disturbed. */
  readonly follow: boolean;
  /** Take the changes away from the consumer. */
  readonly consume: boolean;
  readonly signal: AbortSignal;
  readonly onChange: (change: Change) => void;
}

export interface Tailed {
  readonly name: string;
  readonly primary: string;
  readonly changes: number;
}

const POLL_MS = 500;
const BATCH = 1000;
const rowsSchema = z.array(z.object({ lsn: z.string(), data: z.string() }));

/**
 * Reads the changes that wait in a slot, or those from now on.
 * @throws PgscaleError PGS_CDC_UNKNOWN, PGS_CDC_BUSY, PGS_SQL, PGS_NO_LEADER
 */
export async function tailStream(session: ClusterSession, options: TailOptions): Promise<Tailed> {
  const { name, follow } = options;
  const { spec } = session;
  const stream = streamFrom(streamOf(spec, name), spec);
  const primary = leaderOf(await readMembers(session));
  if (!follow) refuseBusy(slotOn(await readSlots(session), primary, name));
  const sql = new SqlSession();
  const command = psqlCommand({ port: spec.postgres.port, name: stream.database });
  await using psql = await session.host(primary).session(command, (text) => sql.hear(text));
  psql.write('\\unset ON_ERROR_STOP\n');
  sql.attach({ write: (text) => psql.write(text), ended: psql.ended.then(({ stderr }) => stderr) });
  try {
    const changes = follow ? await watch(sql, stream, options) : await look(sql, stream, options);
    return { name, primary, changes };
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    throw new PgscaleError('PGS_SQL', { what: `reading ${name} failed`, host: primary, why: error.message });
  }
}

async function look(sql: SqlSession, stream: Stream, { limit, consume, onChange }: TailOptions): Promise<number> {
  const changes = decode(stream, await read(sql, stream, { slot: stream.name, verb: consume ? 'get' : 'peek', limit }));
  for (const change of changes) onChange(change);
  return changes.length;
}

async function watch(sql: SqlSession, stream: Stream, { limit, signal, onChange }: TailOptions): Promise<number> {
  const slot = `pgscale_tail_${process.pid}`;
  await sql.run(
    `select pg_create_logical_replication_slot(${pg.escapeLiteral(slot)}, ${pg.escapeLiteral(stream.plugin)}, temporary => true)`,
  );
  let count = 0;
  while (!signal.aborted && count < limit) {
    const changes = decode(
      stream,
      await read(sql, stream, { slot, verb: 'get', limit: Math.min(BATCH, limit - count) }),
    );
    for (const change of changes) onChange(change);
    count += changes.length;
    if (changes.length === 0) await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
  }
  return count;
}

interface Reading {
  readonly slot: string;
  readonly verb: 'peek' | 'get';
  readonly limit: number;
}

type Rows = z.output<typeof rowsSchema>;

async function read(sql: SqlSession, stream: Stream, { slot, verb, limit }: Reading): Promise<Rows> {
  const isBinary = stream.plugin === 'pgoutput';
  const words = Object.entries(optionsOf(stream))
    .flat()
    .map((word) => pg.escapeLiteral(word));
  const call = `pg_logical_slot_${verb}_${isBinary ? 'binary_' : ''}changes(${[pg.escapeLiteral(slot), 'null', limit, ...words].join(', ')})`;
  const data = isBinary ? `encode(data, 'hex')` : 'data';
  const answer = await sql.run(
    `select coalesce(json_agg(json_build_object('lsn', lsn, 'data', ${data})), '[]') from ${call}`,
  );
  return rowsSchema.parse(JSON.parse(answer));
}

/** How the plugin of a stream is asked for its changes. */
function optionsOf({ name, plugin, tables }: Stream): Readonly<Record<string, string>> {
  return plugin === 'pgoutput' ? { proto_version: '1', publication_names: name } : wal2jsonOptions(tables);
}

/** A plugin tells of relations anew with every call. */
function decode({ plugin }: Stream, rows: Rows): Change[] {
  if (plugin === 'wal2json') return withoutEmpty(rows.map(({ lsn, data }) => decodeWal2json(data, lsn)));
  const decoder = new PgoutputDecoder();
  return rows.flatMap(({ lsn, data }) => decoder.decode(Buffer.from(data, 'hex'), lsn) ?? []);
}

/** wal2json tells of transactions that changed other tables, too: as a beginning and an end. */
function withoutEmpty(changes: readonly Change[]): Change[] {
  return changes.filter(({ kind }, index) => {
    const isEmptyBegin = kind === 'begin' && changes[index + 1]?.kind === 'commit';
    const isEmptyCommit = kind === 'commit' && changes[index - 1]?.kind === 'begin';
    return !isEmptyBegin && !isEmptyCommit;
  });
}
