import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

import { backupArgs } from '../support/backup-lab.ts';
import { killedAtEachStep } from '../support/killed-runs.ts';
import { bootLab, type LabCluster } from '../support/lab-cluster.ts';
import { untilWhole } from '../support/whole-cluster.ts';

const LAB = 'e2e-backkil';
const WHOLE_MS = 120_000;
const CHAIN_DEADLINE_MS = 20 * 60_000;
const sideSchema = z.object({ host: z.string(), port: z.number() });
const listSchema = z.object({ restores: z.array(z.looseObject({})) });

/** The command line killed in each step of a restore: run again it goes on. */
describe('a restore that is killed', () => {
  let cluster: LabCluster;

  beforeAll(async () => {
    cluster = await bootLab(LAB, 2);
    await cluster.init({ args: ['--profile', 'normal', ...backupArgs(cluster.lab)] });
    const applied = await cluster.pgscale('apply', '--yes');
    expect(applied.status, applied.stdout + applied.stderr).toBe(0);
    await cluster.pgscaleJson('backup', 'create');
    const leader = await untilWhole(cluster, WHOLE_MS);
    await sql(leader, 'create table ledger (id bigserial primary key, note text)');
    await sql(leader, `insert into ledger (note) values ('kept')`);
    await cluster.pgscaleJson('restore-point', 'create', 'here');
    await sql(leader, `insert into ledger (note) values ('later')`);
  });
  afterAll(async () => {
    await cluster[Symbol.asyncDispose]();
  });

  const sql = (host: string, text: string, port = 5432): Promise<string> =>
    cluster.on(host, `runuser -u postgres -- psql -XAtq -v ON_ERROR_STOP=1 -p ${port} -d app -c "${text}"`);
  const notes = (host: string, port?: number): Promise<string> =>
    sql(host, `select string_agg(note, ' ' order by id) from ledger`, port);

  it(
    'beside the cluster: the rows of that moment in the end, and the cluster has not noticed',
    async () => {
      const { killed, last } = await killedAtEachStep(() => cluster.startPlain('restore', '--name', 'here', '--yes'));
      expect(last.status, last.stderr.slice(-3000)).toBe(0);
      expect(killed).toEqual([
        expect.stringMatching(/^Files of/u),
        expect.stringMatching(/^Start on port/u),
        expect.stringMatching(/^Replay of WAL/u),
      ]);
      const [side] = listSchema.parse(await cluster.pgscaleJson('restore', 'list')).restores;
      const { host, port } = sideSchema.parse(side);
      expect(await notes(host, port)).toBe('kept');
      expect(await notes(await untilWhole(cluster, WHOLE_MS))).toBe('kept later');
      await cluster.pgscaleJson('restore', 'drop', 'side', '--yes');
    },
    CHAIN_DEADLINE_MS,
  );

  it(
    'in place: in the end the cluster is that of the moment, on every host',
    async () => {
      const command = ['restore', '--in-place', '--name', 'here', '--yes', '--cluster', LAB];
      const { killed, last } = await killedAtEachStep(() => cluster.startPlain(...command));
      expect(last.status, last.stderr.slice(-3000)).toBe(0);
      expect(killed).toEqual(
        expect.arrayContaining([
          expect.stringMatching(/^Files of/u),
          'Stop every member',
          'Promote the copy to a new timeline',
          'The copy becomes the data directory',
          expect.stringMatching(/^The restored primary on/u),
          '1 standby follows',
        ]),
      );
      await untilWhole(cluster, WHOLE_MS);
      for (const { name } of cluster.lab.hosts) expect(await notes(name)).toBe('kept');
      expect((await cluster.pgscale('plan')).stdout).toContain('No changes');
    },
    CHAIN_DEADLINE_MS,
  );
});
