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
      times: z.object({ writeMs: z.number(), readMs: z.number(), redundantMs: z.number() }),
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

  it.each(['crash', 'partition', 'power'])(
    '%s: nothing is lost, and the old primary comes back by itself',
    async (kind) => {
      const drill = await cluster.pgscale('drill', 'failover', '--kind', kind, '--report', `${kind}.html`, '--json');
      const report = reportSchema.parse(JSON.parse(drill.stdout));
      expect(report.broken).toEqual([]);
      expect(drill.status).toBe(0);
      const [round] = report.rounds;
      expect(round).toMatchObject({ lost: 0, cameBack: true, reads: { interrupted: 0 } });
      expect(round!.primary).not.toBe(round!.victim);
      expect(round!.acknowledged).toBeGreaterThan(0);
      expect(await readFile(join(cluster.directory, `${kind}.html`), 'utf8')).toContain('Every promise was kept.');
      const schemas = "select count(*) from pg_namespace where nspname = 'pgscale_drill'";
      expect(await cluster.on(round!.primary, `runuser -u postgres -- psql -XAtc "${schemas}" app`)).toBe('0');
    },
  );

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
