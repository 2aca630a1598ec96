import { z } from 'zod';

import type { BenchLab, Section } from '../measurement.ts';
import { localPgbench, pgbench, whileRunning } from '../pgbench.ts';

const COUNTS = [1000, 5000, 9000];
/** As many as `pooler.backends` says, over all processes of a host. */
const BACKENDS = 200;
const LOAD_S = 20;
/** TLS and SCRAM of both ends share two cores, and pgbench counts the time in which it connects. */
const CONNECTS_PER_S = 50;
/** Transactions a second of all clients together: idle connections are what is measured, not a peak. */
const RATE = 200;
/** Descriptors of pgbench. */
const FILES = 20_000;

const statusSchema = z.object({
  leader: z.string(),
  endpoints: z.array(z.object({ name: z.string(), vipHolders: z.array(z.string()) })),
});
const urlSchema = z.object({ DATABASE_POOL_URL: z.string() });

/** Thousands of clients that stay connected to the endpoint `pool` of one host, over TLS, while all of them work a little. */
export const clients: Section = {
  name: 'clients',
  title: `Many clients on the pool endpoint, ${RATE} transactions/s`,
  measure: async ({ lab: boot, say }) => {
    const lab = await boot();
    say('making the cluster');
    await lab.applied();
    const { leader, endpoints } = statusSchema.parse(JSON.parse(await lab.pgscale(['status', '--json'])));
    const holders = endpoints.find(({ name }) => name === 'pool')?.vipHolders ?? [];
    const from = lab.hosts.find(({ name }) => name !== leader && !holders.includes(name)) ?? lab.hosts[0]!;
    const url = urlSchema.parse(JSON.parse(await lab.pgscale(['url', '--json']))).DATABASE_POOL_URL;
    const all = [];
    for (const count of COUNTS) {
      say(`${count} clients`);
      const seen = await load(lab, { from: from.name, leader, url, count });
      all.push(
        { name: `${count} clients: failed transactions`, unit: 'count' as const, runs: [seen.failed], target: 0 },
        { name: `${count} clients: most backends`, unit: 'count' as const, runs: [seen.backends], target: BACKENDS },
        { name: `${count} clients: until all were connected`, unit: 's' as const, runs: [seen.connectSeconds] },
        { name: `${count} clients: average latency`, unit: 'ms' as const, runs: [seen.latencyMs] },
      );
    }
    return all;
  },
};

interface Load {
  readonly from: string;
  readonly leader: string;
  readonly url: string;
  readonly count: number;
}

interface Seen {
  readonly failed: number;
  readonly backends: number;
  readonly connectSeconds: number;
  readonly latencyMs: number;
}

/** @throws Error when pgbench could not connect all of its clients */
async function load(lab: BenchLab, { from, leader, url, count }: Load): Promise<Seen> {
  const { hostname, port, username, password, pathname } = new URL(url);
  const environment = `PGPASSWORD='${decodeURIComponent(password)}' PGSSLMODE=verify-full PGSSLROOTCERT=/etc/pgscale/pki/ca.crt`;
  const flags = `-n -S -c ${count} -j 4 -R ${RATE} -T ${LOAD_S + Math.ceil(count / CONNECTS_PER_S)} --max-tries=1`;
  const script = `ulimit -n ${FILES}; ${environment} ${pgbench(`${flags} -h ${hostname} -p ${port} -U ${username} ${pathname.slice(1)}`)}`;
  await lab.on(
    leader,
    `${localPgbench('-i -q -s 1')}
runuser -u postgres -- psql -Xq app -c 'grant select on all tables in schema public to ${username}'`,
  );
  let output = '';
  let backends = 0;
  const running = lab.on(from, script).then((text) => (output = text));
  const look = async (): Promise<void> => {
    backends = Math.max(backends, await countBackends(lab, leader, username));
  };
  await whileRunning(running, look, 1000);
  await running;
  return {
    failed: Number(/number of failed transactions: (\d+)/u.exec(output)?.[1] ?? Number.NaN),
    latencyMs: Number(/latency average = ([\d.]+) ms/u.exec(output)?.[1] ?? Number.NaN),
    backends,
    connectSeconds: Number(/initial connection time = ([\d.]+) ms/u.exec(output)?.[1] ?? Number.NaN) / 1000,
  };
}

async function countBackends(lab: BenchLab, leader: string, role: string): Promise<number> {
  const query = `select count(*) from pg_stat_activity where usename = '${role}'`;
  return Number(await lab.on(leader, `runuser -u postgres -- psql -XAtc "${query}"`));
}
