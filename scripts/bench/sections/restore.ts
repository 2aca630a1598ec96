import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { z } from 'zod';

import { backupArgs } from '../../../test/support/backup-lab.ts';
import { bootLab, type LabCluster } from '../../../test/support/lab-cluster.ts';
import { seconds, type Measurement, type Section } from '../measurement.ts';
import { Ledger } from '../restore/ledger.ts';
import { takeSamples, type Sample } from '../restore/targets.ts';

const NAME = 'bench-rest';
const POOL_PORT = 6432;
const SAMPLES = 40;
const LISTS = 5;
const DRILLS = 3;

const urlSchema = z.object({ DATABASE_POOL_URL: z.string() });
const restoredSchema = z.object({ host: z.string(), port: z.number(), durationMs: z.number() });
const drillSchema = z.object({ lastGood: z.object({ rpoMs: z.number(), rtoMs: z.number() }) });

/** Moments of all kinds, half of them after the cluster itself was taken back: exactly the rows that were committed by then. */
export const restore: Section = {
  name: 'restore',
  title: `Restores of a small database to ${SAMPLES} moments`,
  measure: async ({ say }) => {
    await using cluster = await bootLab(NAME, 2);
    say('making the cluster');
    const parameters = ['--profile', 'normal', ...backupArgs(cluster.lab)];
    await cluster.init({ args: parameters });
    // What was committed by a moment is known to the transaction only by the server's own commit timestamps.
    const spec = join(cluster.directory, 'pgscale.yaml');
    const text = await readFile(spec, 'utf8');
    await writeFile(spec, text.replace('parameters: {}', 'parameters: { track_commit_timestamp: on }'));
    await cluster.succeed('apply', '--yes');
    await using ledger = await Ledger.open(await login(cluster));
    await ledger.create();
    await cluster.succeed('backup', 'create');
    const before = await takeSamples(cluster, ledger, SAMPLES / 2, 'before');
    const first = await restoreAll(cluster, before, say);
    say('taking the cluster back, in place');
    await ledger[Symbol.asyncDispose]();
    const back = before[Math.floor(before.length / 2)]!;
    await cluster.succeed('restore', '--in-place', ...back.flags, '--yes', '--cluster', NAME);
    await using again = await Ledger.open(await login(cluster));
    again.entries.push(...ledger.entries.slice(0, back.last));
    const after = await takeSamples(cluster, again, SAMPLES / 2, 'after');
    const second = await restoreAll(cluster, after, say);
    again.start();
    const drills = await drillsUnderLoad(cluster);
    await again.pause();
    return [
      ...accuracy([...first, ...second]),
      { name: 'RPO under load, by drills', unit: 's', runs: drills.map(({ rpoMs }) => rpoMs / 1000), target: 65 },
      { name: 'RTO of a drill', unit: 's', runs: drills.map(({ rtoMs }) => rtoMs / 1000) },
      ...(await looks(cluster)),
    ];
  },
};

interface Restored {
  readonly isExact: boolean;
  readonly durationMs: number;
}

async function restoreAll(
  cluster: LabCluster,
  samples: readonly Sample[],
  say: (text: string) => void,
): Promise<Restored[]> {
  const all: Restored[] = [];
  for (const { flags, last } of samples) {
    const restored = await cluster.pgscale('restore', ...flags, '--yes', '--json');
    if (restored.status !== 0) {
      say(`${flags.join(' ')}: ${restored.stdout}`);
      all.push({ isExact: false, durationMs: Number.NaN });
    } else {
      const { host, port, durationMs } = restoredSchema.parse(JSON.parse(restored.stdout));
      const rows = `select coalesce(max(id), 0) || ' ' || count(*) from ledger`;
      const found = await cluster.on(host, `runuser -u postgres -- psql -XAtq -p ${port} -d app -c "${rows}"`);
      const isExact = found === `${last} ${last}`;
      if (!isExact) say(`${flags.join(' ')}: ${found}, not ${last}`);
      all.push({ isExact, durationMs });
    }
    await cluster.pgscale('restore', 'drop', 'side', '--yes');
  }
  return all;
}

function accuracy(all: readonly Restored[]): Measurement[] {
  const wrong = all.filter(({ isExact }) => !isExact).length;
  return [
    { name: `restores of ${all.length} that were not exact`, unit: 'count', runs: [wrong], target: 0 },
    {
      name: 'a side restore',
      unit: 's',
      runs: all.flatMap(({ durationMs }) => (Number.isNaN(durationMs) ? [] : durationMs / 1000)),
      target: 20,
    },
  ];
}

/** How much older the last commit of the copy was than that of the cluster at the moment when the copy was there. */
async function drillsUnderLoad(cluster: LabCluster): Promise<{ rpoMs: number; rtoMs: number }[]> {
  const all = [];
  for (let run = 0; run < DRILLS; run += 1) {
    all.push(drillSchema.parse(await cluster.pgscaleJson('drill', 'restore')).lastGood);
  }
  return all;
}

async function looks(cluster: LabCluster): Promise<Measurement[]> {
  const lists: number[] = [];
  const refusals: number[] = [];
  for (let run = 0; run < LISTS; run += 1) {
    lists.push(await seconds(() => cluster.pgscaleJson('backup', 'list')));
    refusals.push(await seconds(() => cluster.pgscale('restore', '--to', '2999-01-01 00:00Z', '--yes')));
  }
  return [
    { name: 'backup list', unit: 's', runs: lists, target: 3 },
    { name: 'an impossible target is refused', unit: 's', runs: refusals, target: 3 },
  ];
}

async function login(cluster: LabCluster) {
  const { DATABASE_POOL_URL } = urlSchema.parse(await cluster.pgscaleJson('url'));
  const { username, password, pathname } = new URL(DATABASE_POOL_URL);
  return {
    host: cluster.lab.vips.pool,
    port: POOL_PORT,
    user: username,
    password: decodeURIComponent(password),
    database: pathname.slice(1),
    ssl: { rejectUnauthorized: false },
  };
}
