import { seconds, type Measurement } from '../measurement.ts';
import { localPgbench } from '../pgbench.ts';
import { type BenchServer, type Partitioned, quoted } from './server.ts';

/** As often as this is a partition taken away as well, behind the reader that is open at that moment. */
const DETACH_EVERY = 100;
const IDS = 10_000;

export const ROTATED: Partitioned = {
  policies: `  - { table: rotated, by: range, column: id, step: ${IDS}, ahead: 3 }\n`,
  tables: [
    'create sequence rotated_id',
    'create table rotated (id bigint not null, body text, at timestamptz default now(), primary key (id)) partition by range (id)',
    'alter table rotated owner to app',
  ],
};

const WRITES = `insert into rotated (id, body) values (nextval('rotated_id'), 'written');`;
/** The end is told first: with a subquery every partition would be planned for. */
const READS = String.raw`select last_value from rotated_id \gset
select count(*) from rotated where id > :last_value - 5;`;
const LONG_READ = `begin; select count(*) from rotated where id < 5; select pg_sleep(60); commit`;

/** Each round fills a partition and runs the unit of the timer, which makes the one after the next. */
const ROUND = `runuser -u postgres -- psql -XAtq -d app -c "select setval('rotated_id', (last_value / ${IDS} + 1) * ${IDS}) from rotated_id" >/dev/null
systemctl start pgscale-partitions.service`;

/** Rotations under a load of writes and reads, with one reader of a minute open all the time. */
export async function measureRotations(
  server: BenchServer,
  count: number,
  say: (text: string) => void,
): Promise<Measurement[]> {
  await server.pgscale('partition', 'rotate', '--yes');
  await server.tellWaits();
  await server.on(
    `printf '%s\\n' ${quoted(WRITES)} >/tmp/writes.sql; printf '%s\\n' ${quoted(READS)} >/tmp/reads.sql; chmod 644 /tmp/*.sql`,
  );
  const before = { deadlocks: await server.deadlocks(), at: await server.now() };
  const flags = '-n -c 4 -j 1 -R 100 -T 86400 -f /tmp/writes.sql@2 -f /tmp/reads.sql@1';
  await server.on(
    `systemd-run --quiet --unit=bench-load --collect sh -c ${quoted(`exec ${localPgbench(flags)} >/tmp/load.log`)}
systemd-run --quiet --unit=bench-reader --collect sh -c ${quoted(`while :; do runuser -u postgres -- psql -Xq -d app -c ${quoted(LONG_READ)} >/dev/null; done`)}`,
  );
  const rotations: number[] = [];
  const detaches: number[] = [];
  for (let done = 0; done < count; done += DETACH_EVERY) {
    const rounds = Math.min(DETACH_EVERY, count - done);
    const took = await seconds(() => server.on(`set -e; for i in $(seq ${rounds}); do ${ROUND}\ndone`));
    rotations.push(took / rounds);
    const [oldest = ''] = (
      await server.sql(
        `select inhrelid::regclass from pg_inherits where inhparent = 'rotated'::regclass order by inhrelid limit 1`,
      )
    ).split('\n');
    detaches.push(await seconds(() => server.pgscale('partition', 'detach', 'rotated', oldest, '--yes')));
    say(`${done + rounds} rotations`);
  }
  await server.on('systemctl stop bench-load bench-reader');
  const there = Number(await server.sql(`select count(*) from pg_inherits where inhparent = 'rotated'::regclass`));
  if (there < count - detaches.length) {
    throw new Error(
      `${there} partitions after ${count} rotations and ${detaches.length} detached: they did not take place`,
    );
  }
  const waits = await server.waitsMs(before.at);
  return [
    { name: `${count} rotations, one`, unit: 's', runs: rotations },
    { name: 'a detach behind the open reader', unit: 's', runs: detaches },
    { name: 'deadlocks', unit: 'count', runs: [(await server.deadlocks()) - before.deadlocks], target: 0 },
    { name: 'waits of clients for a lock, of 2 ms and more', unit: 'count', runs: [waits.length] },
    { name: 'the longest wait of a client for a lock', unit: 'ms', runs: [waits.at(-1) ?? 0], target: 100 },
    { name: `plan of ${there} partitions`, unit: 's', runs: await plans(server), target: 3 },
  ];
}

async function plans(server: BenchServer): Promise<number[]> {
  const all: number[] = [];
  for (let run = 0; run < 3; run += 1) all.push(await seconds(() => server.pgscale('partition', 'plan')));
  return all;
}
