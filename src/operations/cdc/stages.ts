import { PgscaleError } from '../../errors/pgscale-error.ts';
import { waitAtMost } from '../../run/deadline.ts';
import type { Report, Stage, Step } from '../../run/step.ts';
import { cdcDatabase, cdcRole, type CdcSpec } from '../../spec/cdc.ts';
import type { Spec } from '../../spec/schema.ts';
import { readRows, runSql } from '../../sql/psql.ts';
import {
  advanceIdleSlot,
  createSlot,
  dropSlot,
  publicationStatements,
  STANDBY_SNAPSHOT,
  type Stream,
  tablesQuery,
  type StreamTable,
} from '../../sql/stream.ts';
import type { LogicalSlot } from '../../sql/slot.ts';
import { connectedDatabaseHosts, type ClusterSession } from '../cluster-session.ts';
import { leaderOf, readMembers } from '../switchover/look.ts';
import { readSlots, refuseBusy } from './look.ts';

const SQL_DEADLINE_MS = 60_000;
/** The worker on a standby that makes the copies looks every 30 s at most. */
const COPIES_DEADLINE_MS = 60_000;

/** A stream with its database and role. Pure. */
export function streamFrom(stream: CdcSpec, { databases }: Pick<Spec, 'databases'>): Stream {
  const { name, plugin, tables } = stream;
  return { name, plugin, tables, role: cdcRole(stream), database: cdcDatabase(stream, databases) ?? '' };
}

/** What has to be there once the settings and the role are: grants and publication, the slot, its copies. */
export function streamStage(session: ClusterSession, stream: Stream, isAgain: boolean): Stage {
  let isNew = false;
  const publication: Step = {
    id: 'cdc:publication',
    title: `Tables of ${stream.name}`,
    deadlineMs: SQL_DEADLINE_MS,
    run: () => publish(session, stream),
  };
  const slot: Step = {
    id: 'cdc:slot',
    title: `Slot ${stream.name}`,
    deadlineMs: 2 * SQL_DEADLINE_MS,
    run: async () => {
      isNew = await ensureSlot(session, stream, isAgain);
    },
  };
  const copies: Step = {
    id: 'cdc:copies',
    title: `Copies of the slot on the standbys`,
    deadlineMs: COPIES_DEADLINE_MS + 30_000,
    run: (report, signal) => waitForCopies(session, stream, { isNew, report, signal }),
  };
  return { title: `Stream ${stream.name}`, steps: [publication, slot, copies], serial: true };
}

async function publish(session: ClusterSession, stream: Stream): Promise<void> {
  const host = session.host(leaderOf(await readMembers(session)));
  const database = { port: session.spec.postgres.port, name: stream.database };
  const tables = (await readRows(host, database, tablesQuery(stream))) ?? [];
  refuseTables(stream, tables);
  await runSql(host, database, publicationStatements(stream), SQL_DEADLINE_MS);
}

/** What is wrong with the tables of a stream. Pure. @throws PgscaleError PGS_CDC_REFUSED with all that is */
export function refuseTables({ name, plugin, database, role }: Stream, tables: readonly StreamTable[]): void {
  const why = tables.flatMap(({ table, isThere, isPartitioned, unidentified, isHidden }) => {
    if (!isThere) return `${database} has no table ${table}`;
    if (isPartitioned && plugin === 'wal2json') {
      return `${table} is partitioned: wal2json knows partitions only by their own names; pgoutput publishes the table`;
    }
    return [
      ...unidentified.map(
        (each) =>
          `${each} has no primary key: UPDATE and DELETE could not say which row they mean; add one, or ALTER TABLE ${each} REPLICA IDENTITY FULL`,
      ),
      ...(isHidden
        ? [
            `${table} has row security: the first copy would silently lack rows; ALTER ROLE ${role} BYPASSRLS if all are meant`,
          ]
        : []),
    ];
  });
  if (why.length === 0) return;
  throw new PgscaleError('PGS_CDC_REFUSED', { what: `the stream ${name} cannot be made`, why: why.join('\n') });
}

async function ensureSlot(session: ClusterSession, stream: Stream, isAgain: boolean): Promise<boolean> {
  const primary = leaderOf(await readMembers(session));
  const host = session.host(primary);
  const database = { port: session.spec.postgres.port, name: stream.database };
  const found = (await readSlots(session)).get(primary)?.find(({ name }) => name === stream.name);
  if (found !== undefined && isAgain) {
    refuseBusy(found);
    await runSql(host, database, dropSlot(stream.name), SQL_DEADLINE_MS);
  } else if (found !== undefined) {
    refuseOther(found, stream);
    return false;
  }
  await runSql(host, database, createSlot(stream), SQL_DEADLINE_MS);
  return true;
}

function refuseOther(slot: LogicalSlot, { name, plugin, database }: Stream): void {
  const why = [
    ...(slot.plugin === plugin ? [] : [`its plugin is ${slot.plugin}, not ${plugin}`]),
    ...(slot.database === database ? [] : [`its database is ${slot.database}, not ${database}`]),
    ...(slot.isFailover ? [] : ['it does not survive a failover']),
    ...(slot.walStatus === 'lost' ? [`it is lost: ${slot.invalidationReason ?? 'its WAL is gone'}`] : []),
  ];
  if (why.length === 0) return;
  throw new PgscaleError('PGS_CDC_REFUSED', {
    what: `there is a slot ${name} with which the stream cannot go on`,
    why: why.join('\n'),
    next: [`pgscale cdc create ${name} --again: drops the slot and begins anew; the consumer then takes a snapshot`],
  });
}

/**
 * Nobody reads from a new slot yet, so that it may go on to where the copies begin. Those of one that is in use become
 * usable when its consumer goes on, which is not waited for to the end.
 */
async function waitForCopies(
  session: ClusterSession,
  { name, database }: Stream,
  { isNew, report, signal }: { isNew: boolean; report: Report; signal: AbortSignal },
): Promise<void> {
  const primary = leaderOf(await readMembers(session));
  const { port } = session.spec.postgres;
  const standbys = connectedDatabaseHosts(session).filter((host) => host.name !== primary);
  if (standbys.length === 0) return;
  const advance = isNew ? `${STANDBY_SNAPSHOT}\n${advanceIdleSlot(name)}` : STANDBY_SNAPSHOT;
  const what = `copies of ${name} on ${standbys.map((host) => host.name).join(', ')}`;
  const isDone = await waitAtMost({ what, deadlineMs: COPIES_DEADLINE_MS, pollMs: 1000, signal }, async () => {
    // A reload wakes the worker, which sleeps longer and longer while nothing happens.
    await Promise.all(standbys.map((host) => runSql(host, { port, name: 'postgres' }, 'select pg_reload_conf();')));
    await runSql(session.host(primary), { port, name: database }, advance);
    const members = await readSlots(session);
    const without = standbys.filter(
      (host) => members.get(host.name)?.some((each) => each.name === name && each.isSynced) !== true,
    );
    report(`${standbys.length - without.length} of ${standbys.length}`);
    return without.length === 0 ? true : undefined;
  });
  if (isDone !== true) report('not all are usable yet; `pgscale cdc status` shows when they are');
}
