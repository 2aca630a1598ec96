import { median, type Measurement } from '../measurement.ts';
import { localPgbench } from '../pgbench.ts';
import { quoted, type BenchServer } from './server.ts';

const SIZES = [200_000, 2_000_000, 8_000_000];
/** 4.32 s between two rows. */
const ROWS_A_DAY = 20_000;
const RUNS = 5;

/** A point in a range of time, in tables of days that are 10 to 400 days long; and BRIN beside B-tree on the same column. */
export async function measureSizes(server: BenchServer, say: (text: string) => void): Promise<Measurement[]> {
  const tables: { rows: number; latencies: number[]; touched: number }[] = [];
  for (const rows of SIZES) {
    say(`${rows} rows`);
    await load(server, rows);
    tables.push({ rows, touched: await touched(server, rows), latencies: [] });
  }
  // By turns, so that a busy moment of the machine is not that of one table.
  for (let run = 0; run < RUNS; run += 1) {
    for (const table of tables) table.latencies.push(await latency(server, table.rows));
  }
  const [smallest] = tables;
  const brin = await indexBytes(server, SIZES.at(-1)!);
  return [
    ...tables.map(({ rows, latencies }) => ({
      name: `an hour of ${rows} rows`,
      unit: 'ms' as const,
      runs: latencies,
      ...(rows === smallest!.rows
        ? {}
        : {
            baseline: { name: `${smallest!.rows} rows`, runs: smallest!.latencies },
            target: 1.2 * median(smallest!.latencies),
          }),
    })),
    { name: 'partitions that the query reads', unit: 'count', runs: tables.map((each) => each.touched), target: 1 },
    {
      name: 'BRIN on the column, the largest table',
      unit: 'bytes',
      runs: [brin.brin],
      baseline: { name: 'B-tree', runs: [brin.btree] },
    },
  ];
}

const query = (rows: number): string =>
  `select count(*), max(body) from sized_${rows} where occurred_at >= '2026-01-05 10:00+00' and occurred_at < '2026-01-05 11:00+00'`;

async function load(server: BenchServer, rows: number): Promise<void> {
  const table = `sized_${rows}`;
  const days = rows / ROWS_A_DAY;
  const day = (offset: string): string => `timestamptz '2026-01-01 00:00+00' + interval '1 day' * ${offset}`;
  await server.sql(
    `create table ${table} (id bigint, occurred_at timestamptz not null, body text) partition by range (occurred_at)`,
    `do $$ begin for i in 0..${days - 1} loop execute format('create table ${table}_%s partition of ${table} for values from (%L) to (%L)', i, ${day('i')}, ${day('(i + 1)')}); end loop; end $$`,
    `insert into ${table} select i, timestamptz '2026-01-01 00:00+00' + i * interval '4.32 s', 'row ' || i from generate_series(0, ${rows} - 1) i`,
    `create index on ${table} (occurred_at)`,
    `vacuum analyze ${table}`,
  );
}

async function touched(server: BenchServer, rows: number): Promise<number> {
  const plan = await server.sql(`explain (costs off) ${query(rows)}`);
  return [...plan.matchAll(new RegExp(` on sized_${rows}_\\d+`, 'gu'))].length;
}

async function latency(server: BenchServer, rows: number): Promise<number> {
  await server.on(`printf '%s;\\n' ${quoted(query(rows))} >/tmp/range.sql; chmod 644 /tmp/range.sql`);
  const text = await server.on(localPgbench('-n -c 1 -t 2000 -f /tmp/range.sql'));
  return Number(/latency average = ([\d.]+) ms/u.exec(text)?.[1] ?? Number.NaN);
}

async function indexBytes(server: BenchServer, rows: number): Promise<{ brin: number; btree: number }> {
  await server.sql(
    `create index sized_brin on sized_${rows} using brin (occurred_at) with (pages_per_range = 32)`,
    `create index sized_btree on sized_${rows} (occurred_at)`,
  );
  const bytes = async (index: string): Promise<number> =>
    Number(await server.sql(`select sum(pg_relation_size(relid)) from pg_partition_tree('${index}')`));
  return { brin: await bytes('sized_brin'), btree: await bytes('sized_btree') };
}
