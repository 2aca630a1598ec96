import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

import { bootLab, type LabCluster } from '../support/lab-cluster.ts';
import { LedgerWriter } from '../support/ledger-writer.ts';
import { poolLogin } from '../support/pool-login.ts';
import { killedAtEachStep } from '../support/killed-runs.ts';
import type { WatchedRun } from '../support/watched-run.ts';
import { untilWhole } from '../support/whole-cluster.ts';

const LAB = 'e2e-members';
const WHOLE_MS = 120_000;
const CHAIN_DEADLINE_MS = 25 * 60_000;
const statusSchema = z.object({ leader: z.string().nullable() });

/** Members that come and go while things die: one lab, one test after the other. */
describe('membership and faults', () => {
  let cluster: LabCluster;
  let specOfThree: string;
  /** A bare host. */
  let spare = 'pg5';

  beforeAll(async () => {
    cluster = await bootLab(LAB, 5);
    await cluster.init({ hosts: ['pg1', 'pg2', 'pg3'] });
    const applied = await cluster.pgscale('apply', '--yes');
    if (applied.status !== 0) throw new Error(applied.stderr);
    specOfThree = await spec();
  });
  afterAll(async () => {
    await cluster[Symbol.asyncDispose]();
  });

  const spec = (): Promise<string> => readFile(join(cluster.directory, 'pgscale.yaml'), 'utf8');
  const place = (name: string): string =>
    `${name}=${cluster.lab.hosts.find((each) => each.name === name)?.address ?? ''}`;
  const sure = ['--yes', '--cluster', LAB];

  async function healthy(): Promise<string> {
    const leader = await untilWhole(cluster, WHOLE_MS);
    const plan = await cluster.pgscale('plan');
    expect(plan.status, plan.stdout).toBe(0);
    return leader;
  }

  async function someoneLeads(): Promise<void> {
    const leader = async (): Promise<string | null> =>
      statusSchema.parse(JSON.parse((await cluster.pgscale('status', '--json')).stdout)).leader;
    await expect.poll(leader, { timeout: 120_000, interval: 1000 }).not.toBeNull();
  }

  /** Killed at each kind of step, and through in the end. */
  async function chain(start: () => WatchedRun, after?: () => Promise<void>): Promise<readonly string[]> {
    const { killed, last } = await killedAtEachStep(start, after === undefined ? {} : { after });
    // The spec was the last thing: killed after that, there is nothing left to do, and the host is unknown.
    const isOver = killed.includes('spec') && last.stdout.includes('PGS_MEMBER_UNKNOWN');
    if (!isOver) expect(last.status, last.stdout.slice(-3000)).toBe(0);
    return killed;
  }

  it(
    'replica add, killed in each of its steps: the member is there in the end; a second operator is told who works',
    async () => {
      const add = (): WatchedRun => cluster.start('replica', 'add', place('pg4'), '--max-rate', '2', '--yes');
      const first = add();
      await first.seen(({ event, step }) => event === 'step' && step !== 'spec');
      const second = await cluster.pgscale('replica', 'remove', 'pg4', ...sure, '--json');
      expect(second.status).toBe(5);
      expect(second.stdout).toContain(`pid ${first.pid}`);
      first.signal('SIGKILL');
      await first.ended;
      const killed = await chain(add);
      expect(killed).toEqual(expect.arrayContaining(['seed', 'settled']));
      await healthy();
    },
    CHAIN_DEADLINE_MS,
  );

  it(
    'replica remove, killed in each of its steps: nothing of the member is left in the end',
    async () => {
      const killed = await chain(() => cluster.start('replica', 'remove', 'pg4', ...sure));
      expect(killed).toEqual(expect.arrayContaining(['drain', 'wipe', 'forget', 'spec']));
      expect(await spec()).toBe(specOfThree);
      await healthy();
    },
    CHAIN_DEADLINE_MS,
  );

  it('the primary killed in the middle of a copy: the run fails with the reason, and the next one gets through', async () => {
    const before = await healthy();
    const add = (): WatchedRun => cluster.start('replica', 'add', place('pg4'), '--max-rate', '2', '--yes');
    const first = add();
    await first.seen(({ event, step, text }) => event === 'progress' && step === 'seed:pg4' && /%/u.test(text ?? ''));
    await cluster.pgscale('lab', 'kill', '--name', LAB, before);
    expect((await first.ended).status).not.toBe(0);
    await cluster.pgscale('lab', 'start', '--name', LAB, before);
    await someoneLeads();
    const { status, stdout } = await add().ended;
    expect(status, stdout.slice(-3000)).toBe(0);
    await healthy();
  });

  it('replica reinit: refuses the primary, and copies a standby anew', async () => {
    const leader = await healthy();
    expect((await cluster.pgscale('replica', 'reinit', leader, ...sure)).status).toBe(4);
    const identity = `stat -c %i /var/lib/postgresql/18/${LAB}`;
    const before = await cluster.on('pg4', identity);
    const done = await cluster.pgscale('replica', 'reinit', 'pg4', ...sure);
    expect(done.status, done.stderr).toBe(0);
    expect(await cluster.on('pg4', identity)).not.toBe(before);
    await healthy();
  });

  it('replica remove of a dead host', async () => {
    await cluster.pgscale('lab', 'kill', '--name', LAB, 'pg4');
    const removed = await cluster.pgscale('replica', 'remove', 'pg4', ...sure);
    expect(removed.status, removed.stderr).toBe(0);
    expect(await spec()).toBe(specOfThree);
    await healthy();
  });

  /** The spare is in the place of this host in etcd, which has as many members as before. */
  async function replacedInEtcd(old: string): Promise<void> {
    const members = await cluster.on(
      spare,
      'etcdctl --endpoints=https://127.0.0.1:2379 --cacert=/etc/pgscale/pki/ca.crt --cert=/etc/pgscale/pki/host.crt --key=/etc/pgscale/pki/host.key member list',
    );
    expect(members.split('\n')).toHaveLength(3);
    expect(members).toContain(spare);
    expect(members).not.toContain(`${old},`);
    expect(members).not.toContain('true');
  }

  it(
    'host replace of the primary while it works, killed in each of its steps: it moves away first, no write is lost',
    async () => {
      const old = await healthy();
      await using ledger = new LedgerWriter(await poolLogin(cluster));
      await ledger.start();
      const killed = await chain(() => cluster.start('host', 'replace', old, place(spare), ...sure), someoneLeads);
      await healthy();
      expect(ledger.acknowledged.length).toBeGreaterThan(100);
      expect(await ledger.lost()).toEqual([]);
      expect(killed).toEqual(expect.arrayContaining(['seed', 'primary-leaves', 'etcd-join', 'etcd-leave', 'wipe']));
      await replacedInEtcd(old);
      spare = old;
    },
    CHAIN_DEADLINE_MS,
  );

  it(
    'host replace of a dead host with a vote, killed in each of its steps',
    async () => {
      const leader = await healthy();
      const dead = ['pg1', 'pg2', 'pg3', 'pg5'].find((name) => name !== leader && name !== spare) ?? '';
      await cluster.pgscale('lab', 'kill', '--name', LAB, dead);
      const killed = await chain(() => cluster.start('host', 'replace', dead, place(spare), ...sure));
      expect(killed).toEqual(expect.arrayContaining(['etcd-leave', 'etcd-join', 'forget']));
      await healthy();
      await replacedInEtcd(dead);
    },
    CHAIN_DEADLINE_MS,
  );
});
