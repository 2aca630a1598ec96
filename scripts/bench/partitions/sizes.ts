import { median, type Measurement } from '../measurement.ts';
import { localPgbench } from '../pgbench.ts';
import { quoted, type BenchServer } from './server.ts';

/** The largest table has what loads in this time. */
const LOAD_MS = 600_000;
/** The smaller ones, as a share of it. */
const SMALLER = [0.01, 0.1];
/** Of each partition. */
const ROWS_A_DAY = 500_000;
const RUNS = 5;

interface Table {
  readonly name: string;
  readonly days: number;
  readonly latencies: number[];
}

/** A point in a range of time, in tables of days of which the largest took ten minutes to load; BRIN beside B-tree on the column. */
export async function measureSizes(server: BenchServer, say: (text: string) => void): Promise<Measurement[]> {
  say(`loading for ${LOAD_MS / 60_000} minutes`);
  const endsAt = performance.now() + LOAD_MS;
  const largest = await load(server, 'large', () => performance.now() < endsAt);
  const smaller: Table[] = [];
  for (const [index, share] of SMALLER.entries()) {
    const days = Math.max(1, Math.round(largest.days * share));
    smaller.push(await load(server, `small_${index}`, (day) => day < days));
  }
  const tables = [...smaller, largest];
  const partitions: number[] = [];
  for (const table of tables) partitions.push(await touched(server, table));
  say(`${rowsOf(largest)} rows`);
  // By turns, so that a busy moment of the machine is not that of one table.
  for (let run = 0; run < RUNS; run += 1) {
    for (const table of tables) table.latencies.push(await latency(server, table));
  }
  const smallest = tables[0]!;
  const brin = await indexBytes(server, largest);
  return [
    ...tables.map((table) => ({
      name: `an hour of ${rowsOf(table)} rows`,
      unit: 'ms' as const,
      runs: table.latencies,
      ...(table === smallest
        ? {}
        : {
            baseline: { name: `${rowsOf(smallest)} rows`, runs: smallest.latencies },
            target: 1.2 * median(smallest.latencies),
          }),
    })),
    { name: 'partitions that the query reads', unit: 'count', runs: partitions, target: 1 },
    {
      name: 'BRIN on the column, the largest table',
      unit: 'bytes',
      runs: [brin.brin],
      baseline: { name: 'B-tree', runs: [brin.btree] },
    },
  ];
}

const rowsOf = ({ days }: Table): number => days * ROWS_A_DAY;

/** Of the first day, which every table has. */
const query = ({ name }: Table): string =>
  `select count(*), max(body) from ${name} where occurred_at >= '2026-01-01 10:00+00' and occurred_at < '2026-01-01 11:00+00'`;

/** A day after the other, with its index, as long as there is one to come. */
async function load(server: BenchServer, name: string, hasNext: (day: number) => boolean): Promise<Table> {
  const day = (offset: number): string => `timestamptz '2026-01-01 00:00+00' + interval '1 day' * ${offset}`;
  await server.sql(
    `create table ${name} (id bigint, occurred_at timestamptz not null, body text) partition by range (occurred_at)`,
    `create index ${name}_btree on ${name} (occurred_at)`,
  );
  let days = 0;
  for (; hasNext(days); days += 1) {
    const first = days * ROWS_A_DAY;
    await server.sql(
      `do $$ begin execute format('create table ${name}_${days} partition of ${name} for values from (%L) to (%L)', ${day(days)}, ${day(days + 1)}); end $$`,
      `insert into ${name} select i, ${day(0)} + i * interval '${86_400 / ROWS_A_DAY} s', 'row ' || i from generate_series(${first}, ${first + ROWS_A_DAY - 1}) i`,
    );
  }
  await server.sql(`vacuum analyze ${name}`);
  return { name, days, latencies: [] };
}

async function touched(server: BenchServer, table: Table): Promise<number> {
  const plan = await server.sql(`explain (costs off) ${query(table)}`);
  return [...plan.matchAll(new RegExp(` on ${table.name}_\\d+`, 'gu'))].length;
}

async function latency(server: BenchServer, table: Table): Promise<number> {
  await server.on(`printf '%s;\\n' ${quoted(query(table))} >/tmp/range.sql; chmod 644 /tmp/range.sql`);
  const text = await server.on(localPgbench('-n -c 1 -t 2000 -f /tmp/range.sql'));
  return Number(/latency average = ([\d.]+) ms/u.exec(text)?.[1] ?? Number.NaN);
}

async function indexBytes(server: BenchServer, { name }: Table): Promise<{ brin: number; btree: number }> {
  await server.sql(`create index ${name}_brin on ${name} using brin (occurred_at) with (pages_per_range = 32)`);
  const bytes = async (index: string): Promise<number> =>
    Number(await server.sql(`select sum(pg_relation_size(relid)) from pg_partition_tree('${index}')`));
  return { brin: await bytes(`${name}_brin`), btree: await bytes(`${name}_btree`) };
}
