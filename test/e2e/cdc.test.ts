import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

import { StreamTrial, STREAMS, type TrialCluster } from '../support/cdc/stream-trial.ts';
import { bootLab, type LabCluster } from '../support/lab-cluster.ts';

const changeSchema = z.object({ kind: z.string(), row: z.record(z.string(), z.unknown()).optional() });
const problemsSchema = z.object({ problems: z.array(z.object({ id: z.string(), text: z.string() })) });

/** Three hosts, two consumers of our own, and the primary moves under them. The tests build on each other. */
describe('change data capture', () => {
  let cluster: LabCluster;
  let trial: StreamTrial;
  let driver: TrialCluster;

  beforeAll(async () => {
    cluster = await bootLab('e2e-cdc', 3);
    await cluster.init();
    driver = {
      on: (host, script) => cluster.on(host, script),
      pgscale: async (args, okStatuses = [0]) => {
        const { status, stdout, stderr } = await cluster.pgscale(...args);
        if (!okStatuses.includes(status)) throw new Error(`pgscale ${args.join(' ')}: ${status}\n${stdout}\n${stderr}`);
        return stdout;
      },
    };
    await driver.pgscale(['apply', '--yes']);
    trial = await StreamTrial.start(driver);
  });
  afterAll(async () => {
    await trial[Symbol.asyncDispose]();
    await cluster[Symbol.asyncDispose]();
  });

  async function sql(text: string): Promise<string> {
    const { primary } = await trial.slots();
    return cluster.on(primary, `sudo -u postgres psql -d app -XAtq -v ON_ERROR_STOP=1 -c "${text}"`);
  }

  async function cdcProblems(): Promise<string> {
    const { problems } = problemsSchema.parse(JSON.parse(await driver.pgscale(['cdc', 'status', '--json'], [0, 3])));
    return problems.map(({ id, text }) => `${id}: ${text}`).join('\n');
  }

  it('streams, every standby has copies, and a second apply has nothing to do', async () => {
    await trial.ready();
    expect(await cdcProblems()).toBe('');
    expect((await cluster.pgscale('plan')).status).toBe(0);
    expect(await sql('show wal_level')).toBe('logical');
  });

  it('tail --follow looks on beside the consumer, tail is refused', async () => {
    const lines = (await driver.pgscale(['cdc', 'tail', 'feed', '--follow', '--limit', '6'])).trim().split('\n');
    const changes = lines.map((line) => changeSchema.parse(JSON.parse(line)));
    expect(changes.filter(({ kind }) => kind === 'insert').every(({ row }) => Number(row?.seq) > 0)).toBe(true);
    expect(changes.map(({ kind }) => kind)).toContain('commit');
    const { status, stderr } = await cluster.pgscale('cdc', 'tail', 'feed');
    expect(stderr).toContain('PGS_CDC_BUSY');
    expect(status).toBe(4);
  });

  it('the role of a consumer gets into its own database, and copies no cluster', async () => {
    const { primary } = await trial.slots();
    const address = cluster.lab.hosts.find(({ name }) => name === primary)?.address ?? '';
    const attempt = (words: string): Promise<string> =>
      cluster.on(
        primary,
        `PGPASSWORD=none psql 'host=${address} user=cdc_feed sslmode=require ${words}' -c '' 2>&1 || true`,
      );
    expect(await attempt('dbname=postgres')).toContain('pg_hba.conf rejects');
    expect(await attempt('replication=true')).toContain('pg_hba.conf rejects');
  });

  it('a switchover and a crash under load: every committed row comes, in order, and none that was not committed', async () => {
    await trial.ready();
    await trial.switchover();
    await trial.ready();
    await trial.crash();
    await trial.ready();
    const verdicts = await trial.verdicts();
    for (const verdict of verdicts) {
      expect(verdict).toMatchObject({ missing: [], phantom: [], disordered: [] });
      expect(verdict.delivered).toBeGreaterThan(1000);
    }
    expect(trial.consumers.map(({ connections }) => connections).every((count) => count >= 3)).toBe(true);
    console.error(`duplicates: ${verdicts.map(({ duplicates }) => duplicates).join(', ')}`);
  });

  it('a consumer that is gone for ever: its slot is told of long before, is lost, and begins again', async () => {
    await Promise.all(trial.consumers.map((consumer) => consumer[Symbol.asyncDispose]()));
    // wal_keep_size is kept for everybody, whatever a slot may keep.
    await sql('alter system set max_slot_wal_keep_size = 64');
    await sql('alter system set wal_keep_size = 0');
    await sql('select pg_reload_conf()');
    const fill =
      'create table if not exists fill (t text); insert into fill select repeat(md5(g::text), 30) from generate_series(1, 24000) g; select pg_switch_wal()';
    await sql(fill);
    await sql(fill);
    expect(await cdcProblems()).toMatch(/cdc-slot-limit: the slot feed keeps \d+ MB/u);
    for (let round = 0; round < 6 && !(await cdcProblems()).includes('cdc-slot-lost'); round += 1) {
      await sql(fill);
      await sql('checkpoint');
      await sleep(500);
      // A slot that may keep 64 MB and is beyond that is given up with the next checkpoint, so that the disk does not fill.
      const kept = `select coalesce(max(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)) / 1048576, 0)::int
        from pg_replication_slots where slot_type = 'logical' and wal_status <> 'lost'`;
      expect(Number(await sql(kept))).toBeLessThan(64 + 32);
    }
    expect(await cdcProblems()).toContain('pgscale cdc create feed --again');
    expect((await cluster.pgscale('status')).status).toBe(3);
    await sql('alter system reset max_slot_wal_keep_size');
    await sql('alter system reset wal_keep_size');
    await sql('select pg_reload_conf()');
    for (const { name } of STREAMS) await driver.pgscale(['cdc', 'create', name, '--again', '--yes']);
    expect(await cdcProblems()).toBe('');
    await sql('insert into cdc_events (key, seq) values (99, 1)');
    const lines = (await driver.pgscale(['cdc', 'tail', 'lines'])).trim().split('\n');
    expect(lines.map((line) => changeSchema.parse(JSON.parse(line)).kind)).toEqual(['begin', 'insert', 'commit']);
  });

  it('drop takes away what create made', async () => {
    for (const { name } of STREAMS) await driver.pgscale(['cdc', 'drop', name, '--yes']);
    expect(await sql("select count(*) from pg_roles where rolname like 'cdc%'")).toBe('0');
    expect(await sql('select count(*) from pg_publication')).toBe('0');
    await driver.pgscale(['apply', '--yes']);
    expect(await sql('show wal_level')).toBe('replica');
  });
});
