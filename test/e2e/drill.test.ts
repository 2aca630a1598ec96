import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

import { bootLab, type LabCluster } from '../support/lab-cluster.ts';

const reportSchema = z.object({
  broken: z.array(z.string()),
  rounds: z.array(
    z.object({
      victim: z.string(),
      primary: z.string(),
      acknowledged: z.number(),
      lost: z.number(),
      cameBack: z.boolean(),
      reads: z.object({ atFault: z.number(), interrupted: z.number() }),
      times: z.object({
        writeMs: z.number(),
        readMs: z.number(),
        undoneMs: z.number().nullable(),
        redundantMs: z.number(),
      }),
    }),
  ),
});

/** `pgscale drill failover` on a lab: no question, the fault, the figures, the report, and nothing left behind. */
describe('a failover drill', () => {
  let cluster: LabCluster;

  beforeAll(async () => {
    cluster = await bootLab('e2e-drill', 3);
    await cluster.init();
    const applied = await cluster.pgscale('apply', '--yes');
    if (applied.status !== 0) throw new Error(applied.stderr);
  });
  afterAll(async () => {
    await cluster[Symbol.asyncDispose]();
  });

  /** One round in which every promise was kept, and nothing of it is left in the database. */
  async function kept(...fault: string[]): Promise<z.output<typeof reportSchema>['rounds'][number]> {
    const file = `${fault.join('-')}.html`;
    const drill = await cluster.pgscale('drill', 'failover', '--kind', ...fault, '--report', file, '--json');
    const report = reportSchema.parse(JSON.parse(drill.stdout));
    expect(report.broken).toEqual([]);
    expect(drill.status).toBe(0);
    const [round] = report.rounds;
    expect(round).toMatchObject({ lost: 0, cameBack: true, reads: { interrupted: 0 } });
    expect(round!.acknowledged).toBeGreaterThan(0);
    expect(await readFile(join(cluster.directory, file), 'utf8')).toContain('Every promise was kept.');
    const schemas = "select count(*) from pg_namespace where nspname = 'pgscale_drill'";
    expect(await cluster.on(round!.primary, `runuser -u postgres -- psql -XAtc "${schemas}" app`)).toBe('0');
    return round!;
  }

  /** No stopped process and no timer of the drill. */
  async function nothingFrozen(host: string): Promise<void> {
    const left = `ps -eo state=,args= | grep -E '^T' ; systemctl list-units --all --no-legend 'pgscale-drill-undo*'; true`;
    expect(await cluster.on(host, left)).toBe('');
  }

  it.each([['crash'], ['partition'], ['power'], ['freeze']])(
    '%s: nothing is lost, and the old primary comes back by itself',
    async (kind) => {
      const { primary, victim } = await kept(kind);
      expect(primary).not.toBe(victim);
      await nothingFrozen(victim);
    },
  );

  it('a Patroni that is killed is started again: nothing is lost, whoever leads then', async () => {
    const { times } = await kept('crash', '--process', 'patroni');
    expect(times.undoneMs).toBeNull();
  });

  it('a postmaster that is frozen serves who is connected, and stays the primary', async () => {
    const { primary, victim, times } = await kept('freeze', '--process', 'postmaster');
    expect(primary).toBe(victim);
    expect(times.writeMs).toBeLessThan(5000);
    expect(times.undoneMs).toBeGreaterThan(8000);
    expect(times.redundantMs).toBeGreaterThan(times.undoneMs ?? 0);
    await nothingFrozen(victim);
  });

  it('refuses a cluster that is not whole, and changes nothing', async () => {
    const { leader } = z.object({ leader: z.string() }).parse(await cluster.pgscaleJson('status'));
    const standby = cluster.lab.hosts.find(({ name }) => name !== leader)!.name;
    await cluster.on(standby, 'systemctl stop patroni');
    const refused = await cluster.pgscale('drill', 'failover');
    await cluster.on(standby, 'systemctl start patroni');
    expect(refused.status).toBe(4);
    expect(refused.stderr).toContain('PGS_DRILL_REFUSED');
    expect(refused.stderr).toContain(standby);
  });
});
