import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

import { told, writesGoOn, writesStop, type OutageLab } from '../../support/outage-lab.ts';

const FALLS_BACK = '  replicaFallsBackToPrimary: true\n';
/** A new worker of HAProxy has asked every member, more than once. */
const RELOADED_MS = 8000;
const LOOK = { timeout: 240_000, interval: 1000 };

/** All standbys are lost: whether writes go on is said by `replication.strict`. And who serves the endpoint `replica`. */
export function replicationOutages(lab: () => OutageLab): void {
  describe('all standbys lost', () => {
    it('writes go on without a guarantee, and the status says so', async ({ annotate }) => {
      const before = await lab().whole();
      const seen = await lab().whileWriting(async (ledger) => {
        await withoutStandbys(lab(), before, async () => {
          await expect.poll(() => guarantee(lab()), LOOK).toBe('asynchronous');
          await writesGoOn(ledger);
        });
      });
      expect(await lab().whole()).toBe(before);
      await annotate(told(seen));
    });

    it('strict: writes wait until one is back, and the status says so', async ({ annotate }) => {
      await lab().editSpec((text) => text.replace('strict: false', 'strict: true'));
      const before = await lab().whole();
      const seen = await lab().whileWriting(async (ledger) => {
        await withoutStandbys(lab(), before, async () => {
          await expect.poll(() => guarantee(lab()), LOOK).toBe('blocked');
          // Longer than it takes without `strict` until writes go on.
          await writesStop(ledger, 25_000);
          expect(await guarantee(lab())).toBe('blocked');
        });
      });
      await annotate(told(seen));
      await lab().editSpec((text) => text.replace('strict: true', 'strict: false'));
    });
  });

  describe('the endpoint `replica`', () => {
    it('serves from standbys only, the nearest zone first, and from the others when that is lost', async () => {
      const { primary, holder, url } = await replicaBesideStandby(lab());
      expect(await served(lab(), url)).toEqual([holder]);
      await endMember(lab(), holder);
      try {
        await expect.poll(() => served(lab(), url), LOOK).toEqual(lab().othersThan(primary, holder));
      } finally {
        await beginMember(lab(), holder);
      }
      await lab().whole();
      expect(await served(lab(), url)).toEqual([holder]);
    });

    it('never leads to the primary where that is the member of the nearest zone, also after a reload', async () => {
      const { holder, url } = await replica(lab());
      if ((await lab().whole()) !== holder) await lab().cluster.succeed('switchover', '--to', holder, '--yes');
      expect(await lab().whole()).toBe(holder);
      await expect.poll(() => served(lab(), url), LOOK).toEqual(lab().othersThan(holder));
      await lab().on(holder, 'systemctl reload haproxy');
      const looks = new Set<string>();
      for (const endsAt = Date.now() + RELOADED_MS; Date.now() < endsAt;) {
        for (const name of await served(lab(), url)) looks.add(name);
      }
      expect([...looks].toSorted()).toEqual(lab().othersThan(holder));
      await lab().cluster.succeed('switchover', '--yes');
      await expect.poll(() => served(lab(), url), LOOK).toEqual([holder]);
    });

    it('leads past a standby that is further behind than the limit', async () => {
      const { primary, holder, url } = await replicaBesideStandby(lab());
      // Not pg_wal_replay_pause(): Patroni resumes a replay that is paused, at its next loop.
      const replay = 'pkill -f "^postgres: .*startup recovering"';
      await lab().on(holder, `${replay} -STOP`);
      try {
        await lab().sql(
          primary,
          "create table behind as select repeat('x', 500) as text from generate_series(1, 100000)",
        );
        await expect.poll(() => served(lab(), url), LOOK).toEqual(lab().othersThan(primary, holder));
        expect(await lab().problems()).toContain(`${holder} lag`);
      } finally {
        await lab().on(holder, `${replay} -CONT`);
      }
      await lab().whole();
      await expect.poll(() => served(lab(), url), LOOK).toEqual([holder]);
    });

    it('has nobody without standbys, and the primary where the spec says so', async () => {
      const before = await lab().whole();
      const { url } = await replica(lab());
      await withoutStandbys(lab(), before, async () => {
        await expect.poll(() => served(lab(), url), LOOK).toEqual([]);
      });
      await lab().whole();
      await lab().editSpec((text) => text.replace(/^endpoints:$/mu, `endpoints:\n${FALLS_BACK}`));
      await withoutStandbys(lab(), before, async () => {
        await expect.poll(() => served(lab(), url), LOOK).toEqual([before]);
      });
      await lab().whole();
      await lab().editSpec((text) => text.replace(FALLS_BACK, ''));
    });
  });
}

async function guarantee(lab: OutageLab): Promise<string> {
  return (await lab.status()).durability.guarantee;
}

/** The host that has the VIP of the endpoint, and the endpoint's URL. */
async function replica({ cluster }: OutageLab): Promise<{ holder: string; url: string }> {
  const schema = z.object({ endpoints: z.array(z.object({ name: z.string(), vipHolders: z.array(z.string()) })) });
  const { endpoints } = schema.parse(JSON.parse((await cluster.pgscale('status', '--json')).stdout));
  const urls = z.object({ DATABASE_REPLICA_URL: z.string() }).parse(await cluster.pgscaleJson('url'));
  const url = new URL(urls.DATABASE_REPLICA_URL);
  url.hostname = cluster.lab.vips.replica;
  return { holder: endpoints.find(({ name }) => name === 'replica')?.vipHolders[0] ?? '', url: url.href };
}

/** The proxy that has the VIP prefers its own zone, which is that of the member beside it: here that is a standby. */
async function replicaBesideStandby(lab: OutageLab): Promise<{ primary: string; holder: string; url: string }> {
  const leader = await lab.whole();
  const found = await replica(lab);
  if (found.holder === leader) await lab.cluster.pgscaleJson('switchover', '--yes');
  return { ...found, primary: await lab.whole() };
}

/** Which members answer a dozen connections at once; none when nobody does. */
async function served({ cluster }: OutageLab, url: string): Promise<string[]> {
  const where = async (): Promise<string> => {
    const sql = ['-XAtc', 'select host(inet_server_addr())', '-c', 'select pg_sleep(0.3)'];
    const { stdout } = await execa('psql', [url.replace(/sslmode=[^&]*/u, 'sslmode=require'), ...sql], {
      reject: false,
    });
    const address = stdout.split('\n')[0];
    return cluster.lab.hosts.find((host) => host.address === address)?.name ?? '';
  };
  const names = await Promise.all(Array.from({ length: 12 }, where));
  return [...new Set(names)].filter((name) => name !== '').toSorted();
}

async function withoutStandbys(lab: OutageLab, primary: string, body: () => Promise<void>): Promise<void> {
  const standbys = lab.othersThan(primary);
  await Promise.all(standbys.map((host) => endMember(lab, host)));
  try {
    await body();
  } finally {
    await Promise.all(standbys.map((host) => beginMember(lab, host)));
  }
}

/** Patroni and PostgreSQL of a host die and stay away; its etcd and proxies go on. */
async function endMember(lab: OutageLab, host: string): Promise<void> {
  await lab.on(
    host,
    `systemctl mask --runtime --quiet patroni; systemctl kill -s KILL patroni; pkill -KILL -u postgres -x postgres || true`,
  );
}

async function beginMember(lab: OutageLab, host: string): Promise<void> {
  await lab.on(host, 'systemctl unmask --runtime --quiet patroni; systemctl start patroni');
}
