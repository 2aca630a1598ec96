import { z } from 'zod';

import { pgbackrest } from '../../../src/components/pgbackrest/client.ts';
import { parseDurationMs } from '../../../src/spec/duration.ts';
import { backupArgs } from '../../../test/support/backup-lab.ts';
import { bootLab, type LabCluster } from '../../../test/support/lab-cluster.ts';
import { median, seconds, type Measurement, type Section } from '../measurement.ts';
import { localPgbench } from '../pgbench.ts';

const NAME = 'bench-thru';
const HOST = 'pg1';
/** About 15 MB each: large enough that the second that a command takes by itself is not what is measured. */
const SCALE = 700;
const ROUNDS = 3;
/** Of the speed of pgBackRest by hand. */
const PROMISED_SHARE = 0.95;
const DATA = `/var/lib/postgresql/18/${NAME}`;
const BY_HAND = '/var/lib/postgresql/by-hand';
const ETA_ERROR_PERCENT = 20;

const createdSchema = z.object({ backup: z.object({ label: z.string() }) });

interface Round {
  readonly backup: number;
  readonly backupByHand: number;
  /** The files alone: what pgBackRest by hand brings, too. */
  readonly files: number;
  readonly filesByHand: number;
  readonly copy: number;
  readonly etaErrorPercent: number;
}

/** pgscale beside pgBackRest by hand with the same settings on the same host, and beside a copy of the same bytes. */
export const throughput: Section = {
  name: 'throughput',
  title: 'Backup and restore of a database of 3 GB and more',
  measure: async ({ say }) => {
    await using cluster = await bootLab(NAME, 1);
    say('making the cluster');
    await cluster.init({ vips: false, args: ['--profile', 'normal', ...backupArgs(cluster.lab)] });
    await cluster.succeed('apply', '--yes');
    say('filling the database');
    await cluster.on(HOST, localPgbench(`-i -q -s ${SCALE}`));
    const bytes = Number(await cluster.on(HOST, `du --block-size=1 -s ${DATA}/base | cut -f 1`));
    const rounds: Round[] = [];
    for (let round = 1; round <= ROUNDS; round += 1) {
      say(`round ${round} of ${ROUNDS}`);
      rounds.push(await measureRound(cluster, round % 2 === 1));
    }
    return measurements(rounds, bytes);
  },
};

/** By turns, and who comes first by turns too: what one leaves in memory and on the way to the disk, the next one finds. */
async function measureRound(cluster: LabCluster, isOdd: boolean): Promise<Round> {
  const byHand = (...words: string[]): Promise<string> => cluster.on(HOST, pgbackrest(NAME, ...words).script);
  let label = '';
  const backups = {
    backup: async () => {
      const created = createdSchema.parse(await cluster.pgscaleJson('backup', 'create', '--type', 'full'));
      ({ label } = created.backup);
    },
    backupByHand: () => byHand('backup', '--type=full'),
  };
  const backupOrder = inOrder(['backup', 'backupByHand'] as const, isOdd);
  const took = { backup: 0, backupByHand: 0 };
  for (const each of backupOrder) took[each] = await seconds(backups[each]);
  let restored = { files: 0, etaErrorPercent: 0 };
  let filesByHand = 0;
  const restores = {
    pgscale: async () => {
      restored = await restore(cluster, label);
    },
    byHand: async () => {
      await cluster.on(HOST, `install -d -o postgres -g postgres -m 0700 ${BY_HAND}`);
      filesByHand = await seconds(() =>
        byHand('restore', `--set=${label}`, `--pg1-path=${BY_HAND}`, '--type=immediate'),
      );
      await cluster.on(HOST, `rm -rf ${BY_HAND}`);
    },
  };
  for (const each of inOrder(['pgscale', 'byHand'] as const, isOdd)) await restores[each]();
  const copy = await seconds(() => cluster.on(HOST, `cp -a ${DATA} ${BY_HAND}`));
  await cluster.on(HOST, `rm -rf ${BY_HAND}`);
  return { ...took, ...restored, filesByHand, copy };
}

function inOrder<T>(both: readonly [T, T], isOdd: boolean): readonly T[] {
  return isOdd ? both : both.toReversed();
}

async function restore(cluster: LabCluster, label: string): Promise<Pick<Round, 'files' | 'etaErrorPercent'>> {
  let told = { stdout: '', stderr: '' };
  const took = await seconds(async () => {
    told = await cluster.succeed('restore', '--backup', label, '--yes');
  });
  await cluster.succeed('restore', 'drop', 'side', '--yes');
  const files = parseDurationMs(/✓ Files of .* \((.+)\)/u.exec(told.stderr)?.[1] ?? '') / 1000;
  const eta = parseDurationMs(/takes +about (.+)/u.exec(told.stdout)?.[1] ?? '') / 1000;
  return { files, etaErrorPercent: (Math.abs(eta - took) / took) * 100 };
}

function measurements(rounds: readonly Round[], bytes: number): Measurement[] {
  const runs = (key: keyof Round): number[] => rounds.map((round) => round[key]);
  const beside = (key: keyof Round, hand: keyof Round, name: string): Measurement => {
    const baseline = { name: 'pgBackRest by hand', runs: runs(hand) };
    return { name, unit: 's', runs: runs(key), target: median(baseline.runs) / PROMISED_SHARE, baseline };
  };
  const speed = (key: keyof Round): number[] => runs(key).map((each) => Math.round(bytes / each / 1_000_000));
  return [
    { name: 'the database', unit: 'bytes', runs: [bytes] },
    beside('backup', 'backupByHand', 'a full backup'),
    { name: 'a full backup, MB a second', unit: 'count', runs: speed('backup') },
    beside('files', 'filesByHand', 'the files of a restore'),
    { name: 'the files of a restore, MB a second', unit: 'count', runs: speed('files') },
    { name: 'the files of a restore', unit: 's', runs: runs('files'), baseline: { name: 'cp -a', runs: runs('copy') } },
    { name: 'error of the estimate', unit: '%', runs: runs('etaErrorPercent'), target: ETA_ERROR_PERCENT },
  ];
}
