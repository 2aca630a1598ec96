import { PgscaleError } from '../../../errors/pgscale-error.ts';
import type { Host } from '../../../host/host.ts';
import { followJob, startJob } from '../../../host/job.ts';
import { runStages, type RunOptions } from '../../../run/run-stages.ts';
import { readRows, runSql, type Query } from '../../../sql/psql.ts';
import { quoteIdentifier } from '../../../partitions/statements.ts';
import { audited } from '../../audited.ts';
import { chosenHosts } from '../../chosen-hosts.ts';
import type { ClusterSession } from '../../cluster-session.ts';
import { leaderOf, readMembers } from '../../switchover/look.ts';
import { sideConnection } from '../access.ts';
import { findSide, type SideState } from '../sides.ts';
import { obstaclesQuery, relationsQuery, sequencesQuery, type Relation } from './look.ts';
import { transferScript } from './script.ts';
import { wantedFrom } from './wanted.ts';

export interface TableOptions {
  /** `orders`, `public.orders`; or a whole schema. */
  table?: string | undefined;
  schema?: string | undefined;
  /** The schema that it gets. */
  into?: string | undefined;
  /** The side restore that has it. */
  from: string;
  /** Default: the first one of the spec. */
  database?: string | undefined;
  /** Asked with what will be brought before it is. */
  confirm: (what: { tables: readonly string[]; into: string; database: string; from: string }) => Promise<void>;
  run: RunOptions;
}

/** What was brought back, and where it is. */
export interface RestoredTables {
  readonly database: string;
  readonly tables: readonly string[];
  readonly rows: number;
  readonly from: string;
  readonly durationMs: number;
}

const JOB = 'restore-table';
const DEADLINE_MS = 48 * 3_600_000;

/**
 * Brings a table with its partitions, or a schema, from a side restore into the cluster, in a schema of another name. In one
 * transaction: interrupted, there is nothing of it.
 *
 * @throws PgscaleError PGS_RESTORE_UNKNOWN (no such side restore, or no such table in it), PGS_RESTORE_EXISTS (something of
 * that name is in the cluster), PGS_NO_LEADER, PGS_JOB_FAILED
 */
export async function restoreTable(session: ClusterSession, options: TableOptions): Promise<RestoredTables> {
  const startedAt = performance.now();
  const wanted = wantedFrom(options);
  const database = options.database ?? session.spec.databases[0]?.name ?? 'postgres';
  const side = await findSide(session, options.from);
  const restored = session.host(side.host);
  const live = session.host(leaderOf(await readMembers(session)));
  const here = { port: session.spec.postgres.port, name: database };
  const there = { port: side.port, name: database };
  const relations = await rowsOf(restored, there, relationsQuery(wanted), side);
  const sequences = await rowsOf(restored, there, sequencesQuery(wanted), side);
  refuseNone(relations, options, side);
  const obstacles = (await readRows(live, here, obstaclesQuery(wanted, relations))) ?? [];
  refuseTaken(obstacles, wanted.into, live);
  const tables = relations.map(({ name }) => `${wanted.into}.${name}`);
  await options.confirm({ tables, into: wanted.into, database, from: side.name });
  const [hostSpec] = chosenHosts(session.spec, { names: [side.host] });
  const from = sideConnection({ address: hostSpec?.address ?? restored.address, port: side.port }, database);
  let rows = 0;
  const step = {
    id: 'restore-table',
    title: `${options.table ?? options.schema ?? ''} as of ${side.name}, into ${wanted.into} on ${live.name}`,
    host: live.name,
    deadlineMs: DEADLINE_MS,
    run: async (_report: unknown, signal: AbortSignal) => {
      const script = transferScript({ wanted, relations, sequences, from, database, port: here.port });
      await startJob(live, { name: JOB, script });
      const log = await followJob(live, JOB, { deadlineMs: DEADLINE_MS, pollMs: 500, signal });
      rows = Number(/^rows (\d+)$/mu.exec(log)?.[1] ?? Number.NaN);
      await runSql(live, here, analyze(wanted.into, relations), DEADLINE_MS);
    },
  };
  await audited(session, { command: 'restore table', changes: tables.map((each) => `${each} from ${side.name}`) }, () =>
    runStages([{ title: 'Restore', steps: [step] }], options.run),
  );
  return { database, tables, rows, from: side.name, durationMs: Math.round(performance.now() - startedAt) };
}

function analyze(into: string, relations: readonly Relation[]): string {
  return relations.map(({ name }) => `analyze ${quoteIdentifier(into)}.${quoteIdentifier(name)};`).join('\n');
}

async function rowsOf<Row>(
  host: Host,
  database: { port: number; name: string },
  query: Query<Row>,
  side: SideState,
): Promise<Row[]> {
  const rows = await readRows(host, database, query);
  if (rows !== undefined) return rows;
  throw new PgscaleError('PGS_RESTORE_UNKNOWN', {
    what: `the side restore ${side.name} on ${side.host} does not answer for the database ${database.name}`,
    host: side.host,
    next: ['pgscale restore list', `pgscale restore drop ${side.name}, and restore again`],
  });
}

function refuseNone(relations: readonly Relation[], { table, schema }: TableOptions, side: SideState): void {
  if (relations.length > 0) return;
  throw new PgscaleError('PGS_RESTORE_UNKNOWN', {
    what: `the side restore ${side.name} has no ${table === undefined ? `table in ${schema ?? ''}` : `table ${table}`}`,
    host: side.host,
    why: `it was restored to ${side.target}`,
  });
}

function refuseTaken(obstacles: readonly { name: string }[], into: string, live: Host): void {
  if (obstacles.length === 0) return;
  throw new PgscaleError('PGS_RESTORE_EXISTS', {
    what: `${obstacles.map(({ name }) => name).join(', ')} ${obstacles.length === 1 ? 'is' : 'are'} there already`,
    host: live.name,
    next: ['choose another name: --into SCHEMA', `or remove what an earlier one has brought into ${into}`],
  });
}
