import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { OutageLab } from '../support/outage-lab.ts';

const WHOLE_AGAIN_MS = 90_000;

/** A guard on each host; the synchronous standby takes over as soon as the old primary is surely gone. */
describe('the guard', () => {
  let lab: OutageLab;

  beforeAll(async () => {
    lab = await OutageLab.start('e2e-guard');
  });
  afterAll(async () => {
    await lab[Symbol.asyncDispose]();
  });

  /** Kills the postmaster under a writer, and expects what the guard promises. */
  async function expectSwiftTakeover(): Promise<void> {
    const before = await lab.whole(WHOLE_AGAIN_MS);
    await using ledger = await lab.writer();
    await sleep(1000);
    const killed = await lab.on(before, `date +%s%3N; kill -9 $(head -n1 ${lab.dataDirectory}/postmaster.pid)`);
    const faultMs = Number(killed.split('\n')[0]);
    await sleep(11_000);
    expect(ledger.firstWriteElsewhereMs(faultMs)).toBeLessThan(10_000);
    expect(await lab.on(before, `journalctl -u pgscale-guard -o cat --since @${Math.floor(faultMs / 1000)}`)).toMatch(
      /nothing is left running: revoking lease/u,
    );
    expect(await lab.whole(WHOLE_AGAIN_MS)).not.toBe(before);
    expect(await ledger.lost()).toEqual([]);
  }

  it('a killed postmaster: writes again at once, nothing that was acknowledged is lost, the old primary follows', async () => {
    await expectSwiftTakeover();
  });

  it('the same after a switchover, of which Patroni leaves an empty request behind', async () => {
    await lab.whole(WHOLE_AGAIN_MS);
    const moved = await lab.cluster.pgscale('switchover', '--yes');
    expect(moved.status, moved.stderr).toBe(0);
    await expectSwiftTakeover();
  });

  it('has etcd led from another host than that of the primary', async () => {
    const primary = await lab.whole(WHOLE_AGAIN_MS);
    await expect.poll(async () => (await lab.etcdLeader()) ?? primary, { timeout: 15_000 }).not.toBe(primary);
    await lab.moveEtcdLeader(primary);
    await expect.poll(async () => (await lab.etcdLeader()) ?? primary, { timeout: 15_000 }).not.toBe(primary);
    expect(await lab.on(primary, 'journalctl -u pgscale-guard -o cat')).toContain('etcd is led by another one now');
  });

  it('a Patroni that is killed and comes back changes nothing', async () => {
    const before = await lab.whole(WHOLE_AGAIN_MS);
    const since = await lab.on(before, 'date +%s');
    await lab.on(before, 'kill -9 $(systemctl show -P MainPID patroni)');
    await sleep(8000);
    expect(await lab.whole(WHOLE_AGAIN_MS)).toBe(before);
    expect(await lab.on(before, `journalctl -u pgscale-guard -o cat --since @${since}`)).not.toMatch(/ending Patroni/u);
  });

  it('`why` and `failover` leave a primary alone that works', async () => {
    const before = await lab.whole(WHOLE_AGAIN_MS);
    expect(await lab.cluster.pgscaleJson('why')).toMatchObject({ leader: before, reasons: [] });
    const refused = await lab.cluster.pgscale('failover', '--yes');
    expect(refused.status).toBe(4);
    expect(refused.stderr).toContain('PGS_PRIMARY_HEALTHY');
  });

  it('a change of the profile ends no primary: not with the clocks of one and the lease of another', async () => {
    const before = await lab.whole(WHOLE_AGAIN_MS);
    await using ledger = await lab.writer();
    for (const [from, to] of [
      ['fast', 'wan'],
      ['wan', 'fast'],
    ]) {
      const since = await lab.on(before, 'date +%s');
      await lab.editSpec((text) => text.replace(`profile: ${from}`, `profile: ${to}`));
      // Longer than either of the two leases.
      await sleep(65_000);
      const told = await lab.on(before, `journalctl -u pgscale-guard -o cat --since @${since}`);
      expect(told).not.toMatch(/ending|revoking/u);
      expect(await lab.whole(WHOLE_AGAIN_MS)).toBe(before);
    }
    expect(await ledger.lost()).toEqual([]);
    expect([...ledger.errors]).toEqual([]);
  });
});
