import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { PoolLoad } from '../../scripts/bench/pool-load.ts';
import { bootLab, type LabCluster } from '../support/lab-cluster.ts';
import { killedAtEachStep } from '../support/killed-runs.ts';
import { startPoolClients } from '../support/pool-clients.ts';
import { expectRefusedFor } from '../support/refused-run.ts';
import type { WatchedRun } from '../support/watched-run.ts';
import { untilWhole } from '../support/whole-cluster.ts';

const GO_ON_MS = 10_000;
const WHOLE_AGAIN_MS = 90_000;

/**
 * The command line killed at each kind of step of `switchover`: clients of the pool endpoint go on, the cluster is whole, and
 * the next switchover works. The steps are taken from the lines of the runs themselves.
 */
let cluster: LabCluster;
let load: PoolLoad;

beforeAll(async () => {
  cluster = await bootLab('e2e-swkill', 3);
  await cluster.init();
  const applied = await cluster.pgscale('apply', '--yes');
  expect(applied.status, applied.stderr).toBe(0);
  load = await startPoolClients(cluster, 30);
});

afterAll(async () => {
  try {
    await load[Symbol.asyncDispose]();
  } finally {
    await cluster[Symbol.asyncDispose]();
  }
});

/** `Move the primary to pg2` is a step of the kind Move; the switchover is told in lines, which bear titles. */
const kindOf = (step: string): string =>
  step.endsWith('follows as a standby') ? 'follow' : (step.split(' ')[0] ?? step);

describe('a switchover that is killed', () => {
  it('at any step: clients go on within ten seconds, the cluster is whole, and the next one works', async () => {
    load.look();
    const after = async (step: string): Promise<void> => {
      await sleep(GO_ON_MS);
      const before = load.transactions;
      await sleep(1000);
      const looks = load.look();
      expect(Math.max(...looks.map(({ longestMs }) => longestMs)), step).toBeLessThan(GO_ON_MS);
      expect(load.transactions, step).toBeGreaterThan(before);
      expect(
        looks.flatMap(({ errors }) => errors),
        step,
      ).toEqual([]);
      const leader = await untilWhole(cluster, WHOLE_AGAIN_MS);
      const next = await cluster.pgscale('switchover', '--yes');
      expect(next.status, `${step}: ${next.stderr}`).toBe(0);
      expect(await untilWhole(cluster, WHOLE_AGAIN_MS), step).not.toBe(leader);
      load.look();
    };
    const start = (): WatchedRun => cluster.startPlain('switchover', '--yes');
    const { killed, last } = await killedAtEachStep(start, { kindOf, momentsMs: [0], after });
    expect(last.status, last.stderr).toBe(0);
    expect(killed).toEqual(
      expect.arrayContaining(['Checkpoint', 'Prepare', 'Arm', 'Pause', 'Move', 'Lead', 'Resume', 'follow']),
    );
    expect((await cluster.pgscale('pooler', 'status')).status).toBe(0);
    expect(await load.lostCommits()).toBe(0);
  }, 1_200_000);

  it('holds off a second operator, and names the first', async () => {
    const first = cluster.startPlain('switchover', '--yes');
    await first.seen(({ event }) => event === 'step');
    const second = await cluster.pgscale('switchover', '--yes', '--json');
    expectRefusedFor(first, 'pgscale switchover', second);
    expect((await first.ended).status).toBe(0);
  });
});
