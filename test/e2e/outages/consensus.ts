import { setTimeout as sleep } from 'node:timers/promises';

import { describe, expect, it } from 'vitest';

import { told, writesGoOn, writesStop, type OutageLab } from '../../support/outage-lab.ts';

/** Longer than a lease. */
const AWAY_MS = 30_000;

/** Members of etcd are lost: https://patroni.readthedocs.io/en/latest/dcs_failsafe_mode.html */
export function consensusOutages(lab: () => OutageLab): void {
  describe('etcd', () => {
    it('one member lost, the one beside the primary: no client notices', async ({ annotate }) => {
      const before = await lab().whole();
      const seen = await lab().whileWriting(async (ledger) => {
        await endEtcd(lab(), before);
        try {
          await sleep(AWAY_MS);
          expect(await lab().problems()).toContain(`${before} etcd-down`);
          expect([...ledger.errors]).toEqual([]);
        } finally {
          await beginEtcd(lab(), before);
        }
      });
      expect(await lab().whole()).toBe(before);
      await annotate(told(seen));
    });

    it('the majority lost: writes go on while every member answers, and it is explained', async ({ annotate }) => {
      const before = await lab().whole();
      const lost = lab().othersThan(before);
      const seen = await lab().whileWriting(async (ledger) => {
        await Promise.all(lost.map((host) => endEtcd(lab(), host)));
        try {
          await sleep(AWAY_MS);
          await writesGoOn(ledger);
          const problems = await lab().problems();
          expect(problems).toEqual(expect.arrayContaining([`${before} failsafe`, 'etcd-majority']));
          const why = await lab().why();
          expect({ leader: why.leader, ids: why.reasons.map(({ id }) => id) }).toEqual({
            leader: before,
            ids: ['failsafe'],
          });
          const refused = await lab().cluster.pgscale('failover', '--yes');
          expect(refused.stderr).toContain('PGS_PRIMARY_HEALTHY');
        } finally {
          await Promise.all(lost.map((host) => beginEtcd(lab(), host)));
        }
      });
      expect(await lab().whole()).toBe(before);
      await annotate(told(seen));
    });

    it('the majority and a member of Patroni lost: writes stop, and go on when etcd is back', async ({ annotate }) => {
      const before = await lab().whole();
      const [first = '', second = ''] = lab().othersThan(before);
      const seen = await lab().whileWriting(async (ledger) => {
        await lab().on(first, `systemctl mask --runtime --quiet patroni; systemctl kill -s KILL patroni`);
        await Promise.all([first, second].map((host) => endEtcd(lab(), host)));
        try {
          await writesStop(ledger, 10_000);
          const why = await lab().why();
          expect({ leader: why.leader, ids: why.reasons.map(({ id }) => id) }).toEqual({
            leader: null,
            ids: ['etcd-majority'],
          });
          expect(await lab().problems()).toEqual(expect.arrayContaining(['no-leader', 'etcd-majority']));
          const refused = await lab().cluster.pgscale('failover', '--yes');
          expect(refused.status).toBe(4);
          expect(refused.stderr).toContain('etcd has no majority');
        } finally {
          await Promise.all([first, second].map((host) => beginEtcd(lab(), host)));
          await lab().on(first, 'systemctl unmask --runtime --quiet patroni; systemctl start patroni');
        }
      });
      await annotate(told(seen));
    });
  });
}

async function endEtcd(lab: OutageLab, host: string): Promise<void> {
  await lab.on(host, 'systemctl mask --runtime --quiet etcd; systemctl kill -s KILL etcd');
}

async function beginEtcd(lab: OutageLab, host: string): Promise<void> {
  await lab.on(host, 'systemctl unmask --runtime --quiet etcd; systemctl start etcd');
}
